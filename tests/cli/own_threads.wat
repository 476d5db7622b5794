;; Threads of the program's own, and waits of limited time. What a thread does wrong ends the program.
;; RUN: run --invoke start=0 %
;; EXIT: 7
;; RUN: run --device sequential --invoke refused=0 %
;; EXIT: 4
;; RUN: run --max-threads 1 --invoke refused=0 %
;; EXIT: 4
;; RUN: run --invoke start=1 %
;; EXIT: 134
;; RUN: run --invoke start=2 %
;; EXIT: 134
;; RUN: run --invoke start=3 %
;; EXIT: 134
;; RUN: run --invoke exit %
;; EXIT: 134
;; RUN: run --invoke ended=65533 %
;; EXIT: 134
;; RUN: run --invoke late=1000000 %
;; EXIT: 1
;; RUN: run --invoke early %
(module
  (import "omp2wasi" "start_thread" (func $start_thread (param i32 i32 i32 i32) (result i32)))
  (import "omp2wasi" "exit_thread" (func $exit_thread))
  (import "omp2wasi" "wait" (func $wait (param i32 i32)))
  (import "omp2wasi" "wait_for" (func $wait_for (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") funcref (elem $store $trap $other_type))
  ;; Stores what it is given, if it is thread 0 of 1, and ends itself before it stores something else.
  (func $store (param $id i32) (param $num i32) (param $block i32) (param $buffer i32) (param $len i32)
    (i32.store (local.get $buffer)
      (i32.add (i32.add (local.get $id) (local.get $num)) (i32.add (local.get $block) (local.get $len))))
    (call $exit_thread)
    (i32.store (local.get $buffer) (i32.const 100)))
  (func $trap (param i32 i32 i32 i32 i32) unreachable)
  (func $other_type (param i32))
  (func $start (export "start") (param $kernel i32) (result i32)
    (drop (call $start_thread (local.get $kernel) (i32.const 64) (i32.const 6) (i32.const 128)))
    (call $wait (i32.const 128) (i32.const 0))
    (i32.load (i32.const 64)))
  (func (export "refused") (param $kernel i32) (result i32)
    (call $start_thread (local.get $kernel) (i32.const 64) (i32.const 6) (i32.const 128)))
  (func $exit (export "exit") (call $exit_thread))
  (func $ended (export "ended") (param $ended i32) (result i32)
    (call $start_thread (i32.const 0) (i32.const 64) (i32.const 6) (local.get $ended)))
  (func (export "late") (param $nanoseconds i32) (result i32)
    (call $wait_for (i32.const 0) (i32.const 0) (local.get $nanoseconds)))
  (func (export "early") (result i32) (call $wait_for (i32.const 0) (i32.const 1) (i32.const -1))))
