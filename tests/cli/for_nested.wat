;; A kernel that calls parallel_for itself: 10 x 10 threads, each adding 1.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 2 funcref)
  (elem (i32.const 0) $outer $inner)
  (memory (export "memory") 1)
  (func $launch (param $kernel i32)
    (if (call $parallel_for (local.get $kernel) (i32.const 10) (i32.const 1)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable))))
  (func $outer (param $id i32) (param $n i32) (param $block i32) (call $launch (i32.const 1)))
  (func $inner (param $id i32) (param $n i32) (param $block i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
  (func (export "_start") (result i32)
    (call $launch (i32.const 0))
    (i32.ne (i32.load (i32.const 0)) (i32.const 100))))
