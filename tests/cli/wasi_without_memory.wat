;; A program without a memory can call the host; there is nowhere to put anything.
;; RUN: run %
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write_buffer (param i32 i32 i32) (result i32)))
  (func $fault (param $errno i32) (if (i32.ne (local.get $errno) (i32.const 21)) (then (unreachable))))
  (func (export "_start") (result i32)
    (call $fault (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0)))
    (call $fault (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0)))
    (if (i32.eqz (call $get_device (i32.const 0) (i32.const 0))) (then (return (i32.const 1))))
    (if (i32.eqz (call $write_buffer (i32.const 0) (i32.const 0) (i32.const 1))) (then (return (i32.const 2))))
    (call $sched_yield)))
