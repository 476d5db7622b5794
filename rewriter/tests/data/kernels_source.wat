;; The source position of a region stands in the string that the first argument of the fork leads to; the data is where the initializer
;; of wasm-ld puts it. A region without debug information has `unknown` there.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (export "memory" (memory 0))
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 3 3 funcref)
  (elem (i32.const 1) $main.omp_outlined $lib.omp_outlined)
  (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (data $d ";a file.c;main;12;5;;\00;unknown;unknown;0;0;;\00\00\00\00"
    ;; Two ident_t at 2096 and 2116: the last of their five words is the address of the string.
    "\00\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00"
    "\00\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00\16\08\00\00")
  (func $__wasm_init_memory (export "init")
    (memory.init $d (i32.const 2048) (i32.const 0) (i32.const 88)))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32))
  (func $lib.omp_outlined (param $gtid i32) (param $btid i32) (nop))
  (func $main (export "main")
    (call $__kmpc_fork_call (i32.const 2096) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $__kmpc_fork_call (i32.const 2116) (i32.const 0) (i32.const 2) (i32.const 0))))
