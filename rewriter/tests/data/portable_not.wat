;; Without --portable: its imports of `omp2wasi` stay.
(module
  (import "omp2wasi" "wait" (func $wait (param i32 i32)))
  (import "env" "memory" (memory 1 65536 shared))
  (export "memory" (memory 0))
  (func (export "sleep") (call $wait (i32.const 8) (i32.const 0))))
