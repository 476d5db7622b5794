;; A module that says that it has been rewritten, and has not been.
;; RUN: run %
;; EXIT: 125
(module
  (import "omp2wasi_rewriter" "kernel_of" (func (param i32) (result i32)))
  (func (export "_start"))
  (@custom "omp2wasi" "\02\00\00\00"))
