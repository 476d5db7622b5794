;; A program that forks teams as the shim does, with a shim of its own that knows no more than that. Both regions count their threads.
;;
;; The fuzz target `host` puts more into it, at the lines that say so.
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  ;; more imports
  (import "env" "memory" (memory 4 16 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 512))
  (table (export "__indirect_function_table") 8 8 funcref)
  (elem (i32.const 1) $first.omp_outlined $second.omp_outlined $kernel $kernel_of_a_buffer)

  ;; 1024: the team's record. 1040: addresses of the records of its threads, which follow. 1300: a device, and a buffer on it. 1400: where
  ;; threads are counted.
  ;; more data

  (func $record (param $thread i32) (result i32)
    (i32.add (i32.const 1072) (i32.mul (local.get $thread) (i32.const 20))))

  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32) (local $thread i32)
    (i32.store (i32.const 1024) (local.get $argv))
    (i32.store (i32.const 1028) (local.get $argc))
    (i32.store (i32.const 1032) (local.get $microtask))
    (i32.store (i32.const 1036) (i32.const 1040))
    (loop $next
      (i32.store offset=1040 (i32.shl (local.get $thread) (i32.const 2)) (call $record (local.get $thread)))
      ;; 4 KiB of stack for each thread, from 64 KiB on.
      (i32.store offset=0 (call $record (local.get $thread))
        (i32.add (i32.const 69632) (i32.shl (local.get $thread) (i32.const 12))))
      (i32.store offset=4 (call $record (local.get $thread))
        (i32.add (i32.const 65536) (i32.shl (local.get $thread) (i32.const 12))))
      (i32.store offset=8 (call $record (local.get $thread)) (i32.const 512))
      (i32.store offset=12 (call $record (local.get $thread)) (local.get $thread))
      (br_if $next (i32.lt_u (local.tee $thread (i32.add (local.get $thread) (i32.const 1))) (i32.const 4))))
    (if (call $get_device (i32.const 0) (i32.const 1300)) (then (unreachable)))
    (if (call $create_buffer (i32.load (i32.const 1300)) (i32.const 16) (i32.const 0) (i32.const 1304)) (then (unreachable)))
    (if (call $write_buffer (i32.const 1024) (i32.const 16) (i32.load (i32.const 1304))) (then (unreachable)))
    (if (call $parallel_for (call $kernel_of (local.get $microtask)) (i32.const 4) (i32.const 0)
          (i32.const 1304) (i32.const 1) (i32.const 0) (i32.const 0))
      (then (unreachable))))

  (func $first.omp_outlined (param $gtid i32) (param $btid i32)
    ;; calls of members
    (drop (i32.atomic.rmw.add (i32.const 1400) (i32.const 1))))
  (func $second.omp_outlined (param $gtid i32) (param $btid i32) (param $count i32)
    (drop (i32.atomic.rmw.add (local.get $count) (i32.const 10))))

  ;; Kernels without a region, for calls of `parallel_for` that a program makes itself.
  (func $kernel (param $id i32) (param $threads i32) (param $block i32)
    ;; calls of kernels
    (drop (i32.atomic.rmw.add (i32.const 1404) (i32.const 1))))
  (func $kernel_of_a_buffer (param $id i32) (param $threads i32) (param $block i32) (param $at i32) (param $size i32)
    (i32.store8 (i32.add (local.get $at) (i32.rem_u (local.get $id) (i32.or (local.get $size) (i32.const 1)))) (i32.const 1)))

  (func (export "_start") (result i32)
    ;; calls before
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (i32.store (i32.const 1408) (i32.const 1400))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 1408))
    ;; calls after
    (i32.ne (i32.load (i32.const 1400)) (i32.const 44))))
