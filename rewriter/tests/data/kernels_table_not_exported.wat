;; The host looks for kernels in a table that is exported, so the table becomes an export; another one has an export already.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table $functions 2 2 funcref)
  (table $other (export "other") 9 9 funcref)
  (elem (table $functions) (i32.const 1) func $main.omp_outlined)
  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32))
  (func $main (export "main") (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))))
