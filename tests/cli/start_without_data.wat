;; A start function runs once in the program where there is no data either.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (start $initialize)
  (func $initialize (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 10))))
  (func $kernel (param $id i32) (param $n i32) (param $block i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 100))))
  (func (export "_start") (result i32)
    (if (call $parallel_for (i32.const 0) (i32.const 20) (i32.const 1)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (return (i32.const 1))))
    (i32.ne (i32.load (i32.const 0)) (i32.const 2010))))
