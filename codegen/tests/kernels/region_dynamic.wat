;; schedule(dynamic, 4) over 64-bit unsigned values: a virtual thread gets one chunk.
(module
  (import "env" "__kmpc_dispatch_init_8u" (func $__kmpc_dispatch_init_8u (param i32 i32 i32 i64 i64 i64 i64)))
  (import "env" "__kmpc_dispatch_next_8u" (func $__kmpc_dispatch_next_8u (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $n i32) (param $a i32)
    (local $frame i32) (local $i i64)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 32)))
    (global.set $__stack_pointer (local.get $frame))
    (call $__kmpc_dispatch_init_8u (i32.const 0) (i32.load (local.get $gtid)) (i32.const 1073741859) (i64.const 0)
      (i64.extend_i32_u (local.get $n)) (i64.const 1) (i64.const 4))
    (block $done
      (loop $chunk
        (br_if $done (i32.eqz (call $__kmpc_dispatch_next_8u (i32.const 0) (i32.const 0) (i32.add (local.get $frame) (i32.const 28))
          (i32.add (local.get $frame) (i32.const 16)) (i32.add (local.get $frame) (i32.const 8)) (local.get $frame))))
        (local.set $i (i64.load offset=16 (local.get $frame)))
        (block $empty
          (br_if $empty (i64.gt_u (local.get $i) (i64.load offset=8 (local.get $frame))))
          (loop $next
            (i64.store (i32.add (local.get $a) (i32.wrap_i64 (i64.shl (local.get $i) (i64.const 3)))) (local.get $i))
            (br_if $next (i64.le_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.load offset=8 (local.get $frame))))))
        (br $chunk)))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 32)))))
