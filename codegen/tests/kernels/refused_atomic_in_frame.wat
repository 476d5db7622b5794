;; An atomic operation on a variable in the frame that compares more bits than it reads.
(module (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func $swap (param $at i32)
    (drop (i32.atomic.rmw8.cmpxchg_u (local.get $at) (i32.const 0) (i32.const 1))))
  (func (export "kernel") (param i32 i32 i32)
    (call $swap (i32.sub (global.get $__stack_pointer) (i32.const 16)))))
