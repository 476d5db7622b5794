;; An atomic operation on a variable in the frame, which no other work-item reaches: a load and a store.
(module (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func $count (param $at i32) (drop (i32.atomic.rmw.add (local.get $at) (i32.const 1))))
  (func (export "kernel") (param i32 i32 i32)
    (call $count (i32.sub (global.get $__stack_pointer) (i32.const 16)))))
