;; A module that says that it has been rewritten; but its memory is not shared, and its initializer is not there.
;; RUN: run %
;; EXIT: 125
(module
  (import "env" "memory" (memory 1))
  (func (export "_start"))
  (@custom "omp2wasi" "\02\04init\00\00"))
