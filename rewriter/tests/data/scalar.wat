;; Two functions with what the compiler may do, and the second one with a scalar form, `__stack_pointer -= 16; return 7;`: its stack is checked,
;; too, and indices become those of the result. The import and the kernel move them.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 2 2 funcref)
  (elem (i32.const 1) $main.omp_outlined)
  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32))
  (func $main (export "main") (result i32)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (i32.const 7))
  (@custom "omp2wasi.scalar" "\01\02\02\01\00\00\00\03\00\0b\00\23\00\41\10\6b\24\00\41\07\0b\00\00"))
