(module
  (type (;0;) (func (result i32)))
  (import "host" "memory" (memory (;0;) 2 65536 shared))
  (export "size" (func 0))
  (export "memory" (memory 0))
  (func (;0;) (type 0) (result i32)
    memory.size
  )
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\00")
)
