;; The function of a target region's teams may stay on the host while the parallel region that it forks runs on a device. A parallel
;; region of the host that forks another one is no such function, though it does the same.
;; RUN: inspect %
;;
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 4 4 funcref)
  (elem (i32.const 1) $main.omp_outlined $__omp_offloading_1_2_main_l7.omp_outlined $inner)
  (func $__kmpc_fork_call (param $ident i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $inner (param $gtid i32) (param $btid i32))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 0)))
  (func $__omp_offloading_1_2_main_l7.omp_outlined (param $gtid i32) (param $btid i32)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 0)))
  (func $_start (export "_start")
    (drop (call $num_procs))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 0))))
