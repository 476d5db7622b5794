;; wasm-ld --strip-all: nothing has a name, so the fork function is not found. All microtasks are computed ones, and it still works.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 2 2 funcref)
  (elem (i32.const 1) 2)
  (func (param i32 i32 i32 i32) (drop (call 0 (local.get 2))))
  (func (param i32 i32 i32))
  (func (export "main") (call 1 (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0))))
