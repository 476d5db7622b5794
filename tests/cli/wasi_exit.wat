;; proc_exit ends the program with the low 8 bits of its code, at once; from inside a kernel too.
;; RUN: run --invoke exit=0 %
;; RUN: run --invoke exit=3 %
;; EXIT: 3
;; RUN: run --invoke exit=126 %
;; EXIT: 126
;; RUN: run --invoke exit=200 %
;; EXIT: 200
;; RUN: run --invoke exit=256 %
;; RUN: run --invoke exit=-1 %
;; EXIT: 255
;; RUN: run --invoke exit_in_kernel=200 %
;; EXIT: 200
;; RUN: run --device sequential --invoke exit_in_kernel=200 %
;; EXIT: 200
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (global $code (mut i32) (i32.const 0))
  (func $kernel (param $id i32) (param $n i32) (param $block i32)
    (if (i32.eq (local.get $id) (i32.const 2)) (then (call $proc_exit (global.get $code)) (unreachable))))
  (func (export "exit") (param i32) (call $proc_exit (local.get 0)) (unreachable))
  (func (export "exit_in_kernel") (param i32)
    (global.set $code (local.get 0))
    (drop (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (unreachable)))
