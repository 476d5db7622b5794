;; An address on the stack that is stored somewhere could be used by anybody.
(module (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "kernel") (param i32 i32 i32)
    (i32.store (i32.const 0) (i32.sub (global.get $__stack_pointer) (i32.const 16)))))
