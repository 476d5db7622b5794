;; Accesses to the frame that are not plain are refused.
(module
  (memory (export "memory") 2)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "kernel") (param i32 i32 i32)
    (v128.store (i32.const 0) (v128.load8_splat (i32.sub (global.get $__stack_pointer) (i32.const 16))))))
