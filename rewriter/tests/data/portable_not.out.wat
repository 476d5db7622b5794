(module
  (type (;0;) (func))
  (type (;1;) (func (param i32 i32)))
  (import "omp2wasi" "wait" (func $wait (;0;) (type 1)))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (export "memory" (memory 0))
  (export "sleep" (func 1))
  (func (;1;) (type 0)
    i32.const 8
    i32.const 0
    call $wait
  )
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\00")
)
