;; Our own host functions trap where they have no errno to give, and the message names the function and the address.
;; RUN: run --invoke wait=65532 %
;; EXIT: 134
;; RUN: run --invoke wait=2 %
;; EXIT: 134
;; RUN: run --invoke wait=-4 %
;; EXIT: 134
;; RUN: run --invoke wait=-8 %
;; EXIT: 134
;; RUN: run --invoke wake=65536,1 %
;; EXIT: 134
;; RUN: run --invoke wake=6,-1 %
;; EXIT: 134
;; RUN: run --invoke wake=0,1 --invoke wake=65528,-1 --invoke changed %
(module
  (import "omp2wasi" "wait" (func $wait (param i32 i32)))
  (import "omp2wasi" "wake" (func $wake (param i32 i32)))
  (memory (export "memory") 1)
  ;; A word that is 0, and is waited for to be another number.
  (func $waiter (export "wait") (param $word i32) (call $wait (local.get $word) (i32.const 0)))
  (func $waker (export "wake") (param $word i32) (param $count i32) (call $wake (local.get $word) (local.get $count)))
  ;; No waiting where the word differs already.
  (func $changed (export "changed") (call $wait (i32.const 65528) (i32.const 1))))
