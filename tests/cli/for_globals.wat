;; Kernels see the mutable globals as `_start` has left them, of each type, at each launch; an exported one too.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (global $word (mut i32) (i32.const 1))
  (global $long (export "long") (mut i64) (i64.const 2))
  (global $single (mut f32) (f32.const 3))
  (global $double (mut f64) (f64.const 4))
  (global $constant i32 (i32.const 5))

  ;; Each thread stores the sum of them all.
  (func $kernel (param $thread_id i32) (param $num_threads i32) (param $block_size i32)
    (i32.store (i32.mul (local.get $thread_id) (i32.const 4))
      (i32.add (global.get $constant)
        (i32.add (i32.add (global.get $word) (i32.wrap_i64 (global.get $long)))
          (i32.add (i32.trunc_f32_s (global.get $single)) (i32.trunc_f64_s (global.get $double)))))))

  (func $launch (result i32) (local $i i32) (local $sum i32)
    (if (call $parallel_for (i32.const 0) (i32.const 50) (i32.const 1)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.mul (local.get $i) (i32.const 4)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
    (local.get $sum))

  (func (export "_start") (result i32)
    (if (i32.ne (call $launch) (i32.const 750)) (then (return (i32.const 1))))
    (global.set $word (i32.const 1000))
    (global.set $long (i64.const 2000))
    (global.set $single (f32.const 3000))
    (global.set $double (f64.const 4000))
    (if (i32.ne (call $launch) (i32.const 500250)) (then (return (i32.const 2))))
    (i32.const 0)))
