;; A target region asks for memory with an allocator of its own, fills it, and reads it; and for memory that is zero, which it gives back in the
;; block where it has asked for it.
(module
  (import "env" "omp_init_allocator" (func $omp_init_allocator (param i32 i32 i32) (result i32)))
  (import "env" "omp_alloc" (func $omp_alloc (param i32 i32) (result i32)))
  (import "env" "omp_calloc" (func $omp_calloc (param i32 i32 i32) (result i32)))
  (import "env" "omp_free" (func $omp_free (param i32 i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $__omp_offloading_1_2_main_l3 (export "league") (param $out i32)
    (local $frame i32) (local $allocator i32) (local $memory i32) (local $at i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (global.set $__stack_pointer (local.get $frame))
    (i64.store offset=8 (local.get $frame) (i64.const 0x4000000002))
    (local.set $allocator (call $omp_init_allocator (i32.const 0) (i32.const 1)
      (i32.add (local.get $frame) (i32.const 8))))
    (local.set $memory (call $omp_alloc (i32.const 128) (local.get $allocator)))
    (if (i32.eqz (local.get $memory)) (then (unreachable)))
    (loop
      (i32.store (i32.add (local.get $memory) (local.get $at)) (local.get $at))
      (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 128))))
    (i32.store (local.get $out) (i32.load (i32.add (local.get $memory) (i32.load (local.get $out)))))
    (loop
      (local.set $memory (call $omp_calloc (i32.const 4) (i32.const 4) (i32.const 1)))
      (i32.store offset=4 (local.get $out) (i32.load (i32.add (local.get $memory) (i32.load (local.get $out)))))
      (call $omp_free (local.get $memory) (i32.const 1))
      (br_if 0 (i32.load offset=8 (local.get $out))))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))
