;; The import that kernels hang on has another type.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 1 1 funcref))
