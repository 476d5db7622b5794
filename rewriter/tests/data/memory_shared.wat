;; What wasm-ld --shared-memory makes needs nothing: the start function, which is made to run once in all instances, stays.
(module
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (data $d "data")
  (start $__wasm_init_memory)
  (func $__wasm_init_memory
    (if (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))
      (then (memory.init $d (i32.const 16) (i32.const 0) (i32.const 4))))))
