;; An array on the stack that is larger than private memory is used for.
(module (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func $clear (param $at i32) (i32.store (local.get $at) (i32.const 0)))
  (func (export "kernel") (param i32 i32 i32) (local $frame i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 20000)))
    (call $clear (local.get $frame))))
