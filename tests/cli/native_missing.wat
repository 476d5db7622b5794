;; Compilers that are not there, that fail, and that make something else: kernels run as Cranelift's code, and native code alone is an error.
;; RUN: run -v --no-cache --native-cc no-such-clang %
;; ENV: PATH=/nowhere
;; RUN: run --no-cache %
;; RUN: run -v --no-cache %
;; RUN: run --no-cache --engine native %
;; EXIT: 125
;; ENV: OMP2WASI_NATIVE_CC=/bin/false
;; RUN: run --no-cache %
;; RUN: run --no-cache --engine native %
;; EXIT: 125
;; ENV: OMP2WASI_NATIVE_CC=/bin/echo
;; RUN: run --no-cache --engine native %
;; EXIT: 125
;; RUN: compile %
;; EXIT: 125
;; ENV: OMP2WASI_NATIVE_CC=/dev/null
;; RUN: run --no-cache --engine native %
;; EXIT: 125
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 4 4 funcref)
  (elem (i32.const 1) $main.omp_outlined)
  (func $__kmpc_fork_call (param $ident i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32))
  (func $_start (export "_start")
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))))
