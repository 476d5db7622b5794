;; Streams that take nothing: an exit code says so, and a message where there is a stream for it. What a program returns, or that it
;; traps, does not depend on whether we could say so.
;; RUN: run --invoke trap % 2>/dev/full
;; EXIT: 134
;; RUN: run --invoke refused=-1 % 2>/dev/full
;; EXIT: 1
;; RUN: run --invoke nothing % 2>/dev/full
;; EXIT: 125
;; RUN: inspect % >/dev/full
;; EXIT: 125
;; RUN: inspect --format json % >/dev/full
;; EXIT: 125
;; RUN: inspect % >/dev/full 2>/dev/full
;; EXIT: 125
;; RUN: devices >/dev/full
;; EXIT: 125
;; RUN: shim --print-flags >/dev/full
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm --report text >/dev/full
;; EXIT: 125
;; RUN: rewrite % -o - >/dev/full
;; EXIT: 125
;; RUN: rewrite % -o /dev/full
;; EXIT: 125
;; RUN: emit-cl % >/dev/full
;; EXIT: 125
;; RUN: --help >/dev/full
;; EXIT: 125
;; RUN: --version >/dev/full
;; EXIT: 125
;; RUN: run --help >/dev/full 2>/dev/full
;; EXIT: 125
;; RUN: run 2>/dev/full
;; EXIT: 2
;; RUN: cc --help >/dev/full
;; EXIT: 1
;; RUN: cc --version >/dev/full
;; EXIT: 1
;; RUN: cc -march=native 2>/dev/full
;; EXIT: 1
;; RUN: cc -shared 2>/dev/full
;; EXIT: 1
;; RUN: cc -### -c % -xc 2>/dev/full
;; EXIT: 1
;;
(module
  (import "wasi_ephemeral_parallel" "parallel_for"
    (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") funcref (elem $kernel))
  (memory (export "memory") 1)
  (func $kernel (export "kernel") (param $id i32) (param $n i32) (param $block i32))
  (func (export "trap") unreachable)
  (func (export "refused") (param $n i32) (result i32)
    (call $parallel_for (i32.const 0) (local.get $n) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
