;; A segment may have expressions in the place of functions; what a later one puts into the table counts. Slot 1 is null in the end, so
;; the microtask of the first fork counts as computed.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 3 3 funcref)
  (elem (i32.const 1) $first.omp_outlined $first.omp_outlined)
  (elem (i32.const 1) funcref (ref.null func) (ref.func $second.omp_outlined))
  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $first.omp_outlined (param $gtid i32) (param $btid i32))
  (func $second.omp_outlined (param $gtid i32) (param $btid i32) (param $n i32))
  (func $main (export "main")
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 0))))
