(module
  (type (;0;) (func))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (export "memory" (memory 0))
  (export "omp2wasi.initialize" (func $omp2wasi.initialize))
  (func $begin (;0;) (type 0)
    i32.const 0
    i32.const 1
    i32.store
  )
  (func $omp2wasi.initialize (;1;) (type 0)
    call $begin
  )
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\13omp2wasi.initialize\00\00")
)
