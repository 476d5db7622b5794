;; A loop as clang makes it: nothing is done where there are no iterations, and the upper bound that the runtime gives is bounded by the
;; loop's own.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $n i32) (param $a i32)
    (local $frame i32) (local $i i32) (local $end i32) (local $last i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (global.set $__stack_pointer (local.get $frame))
    (block $done
      (br_if $done (i32.lt_s (local.get $n) (i32.const 1)))
      (i32.store offset=12 (local.get $frame) (i32.const 0))
      (local.set $last (i32.sub (local.get $n) (i32.const 1)))
      (i32.store offset=8 (local.get $frame) (local.get $last))
      (i32.store offset=4 (local.get $frame) (i32.const 1))
      (i32.store (local.get $frame) (i32.const 0))
      (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34) (local.get $frame)
        (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 8))
        (i32.add (local.get $frame) (i32.const 4)) (i32.const 1) (i32.const 1))
      (i32.store offset=8 (local.get $frame)
        (local.tee $end (select (local.tee $end (i32.load offset=8 (local.get $frame))) (local.get $last)
          (i32.lt_s (local.get $end) (local.get $last)))))
      (br_if $done (i32.gt_s (local.tee $i (i32.load offset=12 (local.get $frame))) (local.get $end)))
      (loop $next
        (f64.store (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 3))) (f64.convert_i32_s (local.get $i)))
        (br_if $next (i32.le_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $end)))))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))
