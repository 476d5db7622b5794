;; parallel_for (2021) on a memory that the module defines for itself: each thread id runs once, with the same arguments.
;; RUN: run %
;; RUN: run --no-cache --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for"
    (func $parallel_for (param $kernel i32) (param $num_threads i32) (param $block_size i32)
      (param $in i32) (param $in_len i32) (param $out i32) (param $out_len i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)

  (func $kernel (param $thread_id i32) (param $num_threads i32) (param $block_size i32)
    ;; An addition, so that a thread id that runs twice is seen.
    (drop (i32.atomic.rmw.add (i32.mul (local.get $thread_id) (i32.const 4))
      (i32.add (i32.mul (local.get $num_threads) (i32.const 100)) (local.get $block_size)))))

  (func $run (param $num_threads i32) (param $block_size i32)
    (if (call $parallel_for (i32.const 0) (local.get $num_threads) (local.get $block_size)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable))))

  ;; The number of words that are not what they should be.
  (func (export "_start") (result i32) (local $i i32) (local $wrong i32)
    (call $run (i32.const 0) (i32.const 7))   ;; no thread
    (call $run (i32.const 1) (i32.const 7))   ;; the first word gets 107
    (call $run (i32.const 1000) (i32.const 5));; all of them get 100005
    (local.set $wrong (i32.ne (i32.load (i32.const 0)) (i32.const 100112)))
    (local.set $i (i32.const 1))
    (loop $next
      (local.set $wrong (i32.add (local.get $wrong)
        (i32.ne (i32.load (i32.mul (local.get $i) (i32.const 4)))
          (select (i32.const 100005) (i32.const 0) (i32.lt_u (local.get $i) (i32.const 1000))))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1100))))
    (local.get $wrong)))
