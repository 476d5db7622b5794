;; A loop over arrays whose pointers are in a structure, as is the number of elements. `foreseeing` makes arguments of those words.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $lower i32) (param $upper i32) (param $grid i32)
    (local $frame i32) (local $i i32) (local $end i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (global.set $__stack_pointer (local.get $frame))
    (i32.store offset=12 (local.get $frame) (local.get $lower))
    (i32.store offset=8 (local.get $frame) (local.get $upper))
    (i32.store offset=4 (local.get $frame) (i32.const 1))
    (i32.store (local.get $frame) (i32.const 0))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 33) (local.get $frame)
      (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 8))
      (i32.add (local.get $frame) (i32.const 4)) (i32.const 1) (i32.const 1))
    (local.set $i (i32.load offset=12 (local.get $frame)))
    (local.set $end (i32.load offset=8 (local.get $frame)))
    (block $done
      (br_if $done (i32.gt_s (local.get $i) (local.get $end)))
      (loop $next
        (f64.store
          (i32.add (i32.load offset=4 (local.get $grid)) (i32.shl (local.get $i) (i32.const 3)))
          (f64.mul (f64.load offset=8 (local.get $grid))
            (f64.load (i32.add (i32.load (local.get $grid))
              (i32.shl (i32.rem_u (local.get $i) (i32.load offset=16 (local.get $grid))) (i32.const 3))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.le_s (local.get $i) (local.get $end)))))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))
