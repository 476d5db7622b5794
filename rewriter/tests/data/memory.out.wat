(module
  (type (;0;) (func))
  (type (;1;) (func (param i32) (result i32)))
  (import "env" "base" (global $base (;0;) i32))
  (import "env" "memory" (memory $m (;0;) 1 10 shared))
  (export "peek" (func 1))
  (export "memory" (memory $m))
  (export "omp2wasi.initialize" (func $omp2wasi.initialize))
  (func $omp2wasi.initialize (;0;) (type 0)
    i32.const 16
    i32.const 0
    i32.const 5
    memory.init 0
    global.get $base
    i32.const 0
    i32.const 5
    memory.init 2
  )
  (func (;1;) (type 1) (param $address i32) (result i32)
    i32.const 0
    i32.const 0
    i32.const 7
    memory.init $second
    local.get $address
    i32.load8_u
  )
  (data (;0;) "first")
  (data $second (;1;) "passive")
  (data (;2;) "third")
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after data) "\02\13omp2wasi.initialize\00\00")
)
