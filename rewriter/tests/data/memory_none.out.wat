(module
  (type (;0;) (func (result i32)))
  (export "answer" (func $answer))
  (func $answer (;0;) (type 0) (result i32)
    i32.const 42
  )
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\00")
)
