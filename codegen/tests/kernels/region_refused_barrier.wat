;; Virtual threads cannot wait for one another.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "env" "__kmpc_barrier" (func $__kmpc_barrier (param i32 i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32)
    (call $__kmpc_barrier (i32.const 0) (i32.const 0))))
