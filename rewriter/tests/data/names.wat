;; Names of functions, parameters, locals and globals survive, and a custom section of somebody else.
(module $a_module
  (memory (export "memory") 1 1)
  (data $text (i32.const 0) "text")
  (global $counter (mut i64) (i64.const 0))
  (func $a_function (param $first i32) (param i32) (param $third f32) (result i32)
    (local $fourth i32) (local i64) (local $sixth f64)
    (block $done (br_if $done (local.get $first)))
    (local.set $sixth (f64.promote_f32 (local.get $third)))
    (local.tee $fourth (local.get 1)))
  (@custom "producers of something" "bytes"))
