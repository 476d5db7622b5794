;; A rewritten module that has lost its section.
;; OUTCOME: failed: has lost its custom section
(module
  (import "omp2wasi" "wait" (func $wait (param i32 i32)))
  (import "env" "memory" (memory 1 10 shared))
  (func (export "omp2wasi.kernel.main.omp_outlined") (param i32 i32 i32 i32 i32) (call $wait (i32.const 0) (i32.const 0)))
  (func (export "_start")))
