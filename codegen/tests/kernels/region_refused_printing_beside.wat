;; A region that prints beside its loop: virtual threads would.
(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "env" "putchar" (func $putchar (param i32) (result i32)))
  (import "omp2wasi" "device_printed" (func (param i32 i32 i32) (result i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (func (export "microtask") (param $gtid i32) (param $btid i32)
    (local $frame i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i32.store offset=12 (local.get $frame) (i32.const 0))
    (i32.store offset=8 (local.get $frame) (i32.const 9))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame)
      (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 8))
      (i32.add (local.get $frame) (i32.const 4)) (i32.const 1) (i32.const 1))
    (drop (call $putchar (i32.const 65)))))
