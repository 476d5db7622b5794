;; Two forks whose microtasks are constants: a kernel for each. The microtasks are in slots 1 and 3, their kernels in 4 and 6; kernel_of
;; is an addition. `$unrelated` is no microtask and gets no kernel.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 4 4 funcref)
  (elem (i32.const 1) $main.omp_outlined $unrelated $sum.omp_outlined)
  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32))
  (func $unrelated (result f64) (f64.const 0))
  (func $sum.omp_outlined (param $gtid i32) (param $btid i32) (param $n i32) (param $total i32)
    (i32.store (local.get $total) (local.get $n)))
  (func $main (export "main") (param $argv i32)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (block $nested
      (br_if $nested (i32.eqz (local.get $argv)))
      ;; Operands that are more than a constant, before and behind it.
      (call $__kmpc_fork_call
        (i32.add (i32.const 8) (i32.load (i32.const 4)))
        (i32.const 2)
        (i32.const 3)
        (select (local.get $argv) (i32.const 16) (i32.load (local.get $argv)))))))
