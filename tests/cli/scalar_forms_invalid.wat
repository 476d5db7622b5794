;; A scalar form that is no function of its type is ignored with all others by who runs the module.
;; RUN: run %
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module
  (memory (export "memory") 1)
  (func (export "_start"))
  ;; The version, one form, its function, no flags, a body of 4 bytes: no locals, and a number that nobody takes; no lines.
  (@custom "omp2wasi.scalar" "\01\01\00\00\04\00\41\00\0b\00\00"))
