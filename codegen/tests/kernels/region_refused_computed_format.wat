;; A region with a format that is computed.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "env" "printf" (func $printf (param i32 i32) (result i32)))
  (import "omp2wasi" "device_printed" (func (param i32 i32 i32) (result i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $format i32)
    (drop (call $printf (local.get $format) (i32.const 2048)))))
