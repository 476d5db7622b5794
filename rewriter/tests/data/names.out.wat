(module $a_module
  (type (;0;) (func))
  (type (;1;) (func (param i32 i32 f32) (result i32)))
  (import "env" "memory" (memory (;0;) 1 1 shared))
  (global $counter (;0;) (mut i64) i64.const 0)
  (export "memory" (memory 0))
  (export "omp2wasi.initialize" (func $omp2wasi.initialize))
  (func $a_function (;0;) (type 1) (param $first i32) (param i32) (param $third f32) (result i32)
    (local $fourth i32) (local $sixth f64)
    block ;; label = @1
      local.get $first
      br_if 0 (;@1;)
    end
    local.get $third
    f64.promote_f32
    local.set $sixth
    local.get 1
    local.tee $fourth
  )
  (func $omp2wasi.initialize (;1;) (type 0)
    i32.const 0
    i32.const 0
    i32.const 4
    memory.init $text
  )
  (data $text (;0;) "text")
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "producers of something" (after data) "bytes")
  (@custom "omp2wasi" (after data) "\02\13omp2wasi.initialize\00\00")
)
