;; Pointers and lengths outside of the memory are errnos of WASI (fault 21, more than 1024 parts are inval 28) for the functions that
;; are our own; those that are wasmtime-wasi's trap. A descriptor that there is not is an errno (badf 8).
;; RUN: run %
;; RUN: run --invoke arguments %
;; EXIT: 134
;; RUN: run --invoke random %
;; EXIT: 134
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $fault (param $errno i32) (if (i32.ne (local.get $errno) (i32.const 21)) (then (unreachable))))
  (func $inval (param $errno i32) (if (i32.ne (local.get $errno) (i32.const 28)) (then (unreachable))))
  (func $_start (export "_start")
    ;; The list of parts, their number, a part, and where the result goes.
    (call $fault (call $fd_write (i32.const 1) (i32.const 0xfffffff8) (i32.const 1) (i32.const 0)))
    (call $inval (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0xffffffff) (i32.const 0)))
    (call $inval (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1025) (i32.const 0)))
    (call $fault (call $fd_write (i32.const 1) (i32.const 65528) (i32.const 2) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 0xffffffff))
    (i32.store (i32.const 20) (i32.const 1))
    (call $fault (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 0))
    (i32.store (i32.const 20) (i32.const 0xffffffff))
    (call $fault (call $fd_write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 0)))
    (i32.store (i32.const 20) (i32.const 0))
    (call $fault (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 65533)))
    (call $fault (call $fd_read (i32.const 0) (i32.const 0xfffffff8) (i32.const 1) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 0xffff))
    (i32.store (i32.const 20) (i32.const 2))
    (call $fault (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 0)))
    (if (i32.ne (call $fd_write (i32.const 99) (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 8)) (then (unreachable)))
    (call $fault (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 65529)))
    (call $fault (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 65529)))
    ;; Subscriptions, events, and where their number goes; how many there are; what there is to wait for.
    (call $fault (call $poll_oneoff (i32.const 65528) (i32.const 0) (i32.const 1) (i32.const 0)))
    (call $fault (call $poll_oneoff (i32.const 0) (i32.const 65530) (i32.const 1) (i32.const 0)))
    (call $fault (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 65533)))
    (call $inval (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 0) (i32.const 0)))
    (call $inval (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 0xffffffff) (i32.const 0)))
    ;; Reading from descriptor 99 next to sleeping for a long time: one event at once, of that descriptor, with an errno.
    (i64.store (i32.const 1000) (i64.const 7))
    (i32.store8 (i32.const 1008) (i32.const 1))
    (i32.store (i32.const 1016) (i32.const 99))
    (i64.store (i32.const 1048) (i64.const 8))
    (i64.store (i32.const 1072) (i64.const -1))
    (if (call $poll_oneoff (i32.const 1000) (i32.const 2000) (i32.const 2) (i32.const 3000)) (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 3000)) (i32.const 1)) (then (unreachable)))
    (if (i64.ne (i64.load (i32.const 2000)) (i64.const 7)) (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 2008)) (i32.const 0x10008)) (then (unreachable))))
  (func $arguments (export "arguments") (drop (call $args_get (i32.const 0xfffffffc) (i32.const 0xffffffff))))
  (func $random (export "random") (drop (call $random_get (i32.const 0) (i32.const 0xffffffff)))))
