;; Virtual threads have the iterations of one loop.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32)
    (local $frame i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame) (local.get $frame)
      (local.get $frame) (local.get $frame) (i32.const 1) (i32.const 1))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame) (local.get $frame)
      (local.get $frame) (local.get $frame) (i32.const 1) (i32.const 1))))
