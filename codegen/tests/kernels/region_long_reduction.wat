;; A histogram of 64 words: no accumulator has room for that, so each virtual thread has many iterations, and is told to add its copy to the
;; original by atomic operations (2). The code for being told to do it alone (1), and what combines two copies in a loop, are not reached.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "env" "__kmpc_for_static_fini" (func $__kmpc_for_static_fini (param i32 i32)))
  (import "env" "__kmpc_reduce_nowait" (func $__kmpc_reduce_nowait (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "__kmpc_end_reduce_nowait" (func $__kmpc_end_reduce_nowait (param i32 i32 i32)))
  (import "env" "nowhere" (func $nowhere))
  (memory 1 1 shared)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (table 2 2 funcref)
  (elem (i32.const 1) $combine)
  (func $combine (param $into i32) (param $from i32) (local $k i32)
    (loop $next
      (i32.store (i32.add (i32.load (local.get $into)) (local.get $k))
        (i32.add (i32.load (i32.add (i32.load (local.get $into)) (local.get $k)))
          (i32.load (i32.add (i32.load (local.get $from)) (local.get $k)))))
      (br_if $next (i32.ne (local.tee $k (i32.add (local.get $k) (i32.const 4))) (i32.const 256)))))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $n i32) (param $elements i32) (param $bins i32)
    (local $frame i32) (local $i i32) (local $end i32) (local $k i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 288)))
    (global.set $__stack_pointer (local.get $frame))
    (block $all
      (br_if $all (i32.lt_s (local.get $n) (i32.const 1)))
      (memory.fill (i32.add (local.get $frame) (i32.const 32)) (i32.const 0) (i32.const 256))
      (i32.store offset=24 (local.get $frame) (i32.const 0))
      (i32.store offset=20 (local.get $frame) (i32.sub (local.get $n) (i32.const 1)))
      (i32.store offset=16 (local.get $frame) (i32.const 1))
      (i32.store offset=12 (local.get $frame) (i32.const 0))
      (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34)
        (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 24))
        (i32.add (local.get $frame) (i32.const 20)) (i32.add (local.get $frame) (i32.const 16)) (i32.const 1) (i32.const 1))
      (local.set $end (i32.load offset=20 (local.get $frame)))
      (local.set $i (i32.load offset=24 (local.get $frame)))
      (block $done
        (br_if $done (i32.gt_s (local.get $i) (local.get $end)))
        (loop $next
          (local.set $k (i32.add (i32.add (local.get $frame) (i32.const 32))
            (i32.shl (i32.and (i32.load (i32.add (local.get $elements) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 63))
              (i32.const 2))))
          (i32.store (local.get $k) (i32.add (i32.load (local.get $k)) (i32.const 1)))
          (br_if $next (i32.le_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $end)))))
      (call $__kmpc_for_static_fini (i32.const 0) (i32.load (local.get $gtid)))
      (i32.store offset=8 (local.get $frame) (i32.add (local.get $frame) (i32.const 32)))
      (local.set $k (i32.const 0))
      (block $atomic
        (block $alone
          (br_table $alone $atomic $all (i32.sub
            (call $__kmpc_reduce_nowait (i32.const 0) (i32.load (local.get $gtid)) (i32.const 1) (i32.const 4)
              (i32.add (local.get $frame) (i32.const 8)) (i32.const 1) (i32.const 0))
            (i32.const 1))))
        (call $nowhere)
        (call $__kmpc_end_reduce_nowait (i32.const 0) (i32.load (local.get $gtid)) (i32.const 0))
        (br $all))
      (loop $next
        (drop (i32.atomic.rmw.add (i32.add (local.get $bins) (local.get $k))
          (i32.load offset=32 (i32.add (local.get $frame) (local.get $k)))))
        (br_if $next (i32.ne (local.tee $k (i32.add (local.get $k) (i32.const 4))) (i32.const 256)))))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 288)))))
