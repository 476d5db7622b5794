;; A module that has been rewritten, without its custom section. (One with nothing but the initializer: refused_stripped_memory.wat.)
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
;; RUN: run %
;; EXIT: 125
;;
(module
  (memory (export "memory") 1)
  (func (export "omp2wasi.kernel.main.omp_outlined") (param i32 i32 i32 i32 i32))
  (func (export "_start")))
