;; A trap in a kernel of 2021 ends the program: the thread, what happened, and where.
;; RUN: run --invoke at=3 %
;; EXIT: 134
;; RUN: run --device sequential --invoke at=0 %
;; EXIT: 134
;; RUN: run --invoke at=99 %
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (global $where (mut i32) (i32.const 0))
  (func $load (param $address i32) (result i32) (i32.load (local.get $address)))
  (func $kernel (param $id i32) (param $n i32) (param $block i32)
    (if (i32.eq (local.get $id) (global.get $where)) (then (drop (call $load (i32.const 65533))))))
  (func $at (export "at") (param i32)
    (global.set $where (local.get 0))
    (drop (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
