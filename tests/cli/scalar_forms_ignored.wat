;; A section with scalar forms that is malformed, or has what is no function, is ignored by who runs the module, and refused by who rewrites it.
;; RUN: run %
;; RUN: run --engine cranelift %
;; RUN: compile %
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module
  (memory (export "memory") 1)
  (func (export "_start"))
  (@custom "omp2wasi.scalar" "\02"))
