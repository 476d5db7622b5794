(module
  (type (;0;) (func))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (global $ready (;0;) (mut i32) i32.const 0)
  (export "mem" (memory 0))
  (export "ready" (global $ready))
  (export "omp2wasi.initialize" (func $omp2wasi.initialize))
  (func $omp2wasi.initialize (;0;) (type 0)
    i32.const 0
    i32.const 0
    i32.const 4
    memory.init 0
    call $begin
  )
  (func $begin (;1;) (type 0)
    i32.const 0
    i32.load
    global.set $ready
  )
  (data (;0;) "data")
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after data) "\02\13omp2wasi.initialize\00\00")
)
