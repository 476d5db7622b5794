;; A module that says that it has an initializer, and has none.
;; RUN: run %
;; EXIT: 125
(module
  (func (export "_start"))
  (@custom "omp2wasi" "\02\04init\00\00"))
