(module
  (type (;0;) (func))
  (import "env" "memory" (memory (;0;) 2 65536 shared))
  (export "memory" (memory 0))
  (start $__wasm_init_memory)
  (func $__wasm_init_memory (;0;) (type 0)
    i32.const 0
    i32.const 0
    i32.const 1
    i32.atomic.rmw.cmpxchg
    i32.eqz
    if ;; label = @1
      i32.const 16
      i32.const 0
      i32.const 4
      memory.init $d
    else
    end
  )
  (data $d (;0;) "data")
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after data) "\02\00\00\00")
)
