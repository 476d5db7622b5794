;; Variables of the thread, a `br_table`, and loops that are left from inside.
(module
  (memory (export "memory") 1)
  (global $sum (mut i64) (i64.const 0))
  (global $factor f32 (f32.const 2.5))
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32) (local $i i32)
    (global.set $sum (i64.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $id)))
        (block $other
          (block $one
            (block $zero
              (br_table $zero $one $other (i32.and (local.get $i) (i32.const 3))))
            (global.set $sum (i64.add (global.get $sum) (i64.const 1)))
            (br $other))
          (global.set $sum (i64.sub (global.get $sum) (i64.extend_i32_s (local.get $i)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (i64.store (i32.shl (local.get $id) (i32.const 4)) (global.get $sum))
    (f32.store offset=8 (i32.shl (local.get $id) (i32.const 4))
      (f32.mul (global.get $factor) (f32.convert_i32_u (local.get $i))))))
