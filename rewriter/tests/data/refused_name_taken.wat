;; The export of the kernel for microtasks that are computed has to have its name.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 2 2 funcref)
  (func $main (export "main") (export "omp2wasi.kernel") (drop (call $kernel_of (i32.const 1)))))
