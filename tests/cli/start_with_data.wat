;; A start function and active data: once in the program, however many instances there are, and the data before the function.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (global $at (mut i32) (i32.const 16))
  (data (i32.const 0) "\05\00\00\00")
  (data (i32.const 16) "data")
  (start $initialize)

  (func $initialize
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 10)))
    (if (i32.ne (i32.load (i32.const 16)) (i32.const 0x61746164)) (then (unreachable)))) ;; "data"
  (func $kernel (param $id i32) (param $n i32) (param $block i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 100)))
    ;; What `_start` wrote over the data stays.
    (if (i32.ne (i32.load (global.get $at)) (i32.const 42)) (then (unreachable))))

  (func (export "_start") (result i32)
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 15)) (then (return (i32.const 1))))
    (i32.store (i32.const 16) (i32.const 42))
    (if (call $parallel_for (i32.const 0) (i32.const 20) (i32.const 1)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (return (i32.const 2))))
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 2015)) (then (return (i32.const 3))))
    (i32.const 0)))
