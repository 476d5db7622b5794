;; The section of another version of the rewriter.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module (func (export "_start")) (@custom "omp2wasi" "\01\00\00\00"))
