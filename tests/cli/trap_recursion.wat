;; Recursion without end is a trap, in the program and in a kernel on a thread of the pool.
;; RUN: run --invoke program %
;; EXIT: 134
;; RUN: run --invoke kernel %
;; EXIT: 134
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (func $descend (param $depth i32) (result i32)
    (i32.add (i32.const 1) (call $descend (i32.add (local.get $depth) (i32.const 1)))))
  (func $kernel (param $id i32) (param $n i32) (param $block i32)
    (if (i32.eq (local.get $id) (i32.const 1)) (then (drop (call $descend (i32.const 0))))))
  (func (export "program") (drop (call $descend (i32.const 0))))
  (func (export "kernel")
    (drop (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
