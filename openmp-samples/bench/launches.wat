;; launches: what a parallel_for of wasi-parallel 2021 costs whose kernel does nothing, in a module without OpenMP.
;;
;; Writes to standard output, as 64-bit words, the nanoseconds that each of 2000 launches of 64 threads took, one right after
;; the other, then those of 200 launches with 1 ms of sleep before each.
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $kernel)
  ;; 0: time, 64: subscription, 128: event, 192: iovec and counts, 1024: results
  (memory (export "memory") 1)
  (func $kernel (param $thread_id i32) (param $num_threads i32) (param $block_size i32))
  (func $now (result i64)
    (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0)))
    (i64.load (i32.const 0)))
  (func $launch (param $result i32) (local $begin i64)
    (local.set $begin (call $now))
    (if (call $parallel_for (i32.const 0) (i32.const 64) (i32.const 1)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable)))
    (i64.store (local.get $result) (i64.sub (call $now) (local.get $begin))))
  (func (export "_start") (local $i i32)
    (loop $next
      (call $launch (i32.add (i32.const 1024) (i32.mul (local.get $i) (i32.const 8))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))
    ;; The monotonic clock, 1 ms from now.
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 1000000))
    (loop $next
      (drop (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 200)))
      (call $launch (i32.add (i32.const 1024) (i32.mul (local.get $i) (i32.const 8))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2200))))
    (i32.store (i32.const 192) (i32.const 1024))
    (i32.store (i32.const 196) (i32.const 17600))
    (drop (call $fd_write (i32.const 1) (i32.const 192) (i32.const 1) (i32.const 200)))))
