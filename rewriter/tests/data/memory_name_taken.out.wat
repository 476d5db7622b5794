(module
  (type (;0;) (func (result i32)))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (export "memory" (func $memory))
  (export "omp2wasi.memory" (memory 0))
  (func $memory (;0;) (type 0) (result i32)
    memory.size
  )
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\00")
)
