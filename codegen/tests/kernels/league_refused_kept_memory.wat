;; A target region asks for memory in a loop and keeps it: a device would give it the same again.
(module
  (import "env" "omp_alloc" (func $omp_alloc (param i32 i32) (result i32)))
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $__omp_offloading_1_2_main_l3 (export "league") (param $out i32)
    (local $memory i32) (local $first i32)
    (loop
      (local.set $memory (call $omp_alloc (i32.const 8) (i32.const 1)))
      (i32.store (local.get $memory) (local.get $first))
      (local.set $first (local.get $memory))
      (br_if 0 (i32.load offset=8 (local.get $out))))
    (i32.store (local.get $out) (i32.load (local.get $first)))))
