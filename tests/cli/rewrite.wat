;; Rewriting gives the same bytes each time, and a module that has been rewritten comes back as it is.
;; RUN: rewrite % -o %t1.wasm --report json
;; RUN: rewrite % -o %t2.wasm --report text
;; SAME: %t1.wasm %t2.wasm
;; RUN: rewrite %t1.wasm -o %t3.wasm --report json
;; SAME: %t1.wasm %t3.wasm
;; RUN: inspect %
;; RUN: inspect %t1.wasm
;; RUN: inspect --format json %t1.wasm
;; RUN: rewrite % -o %t4.wasm --portable
;; RUN: rewrite % -o %t5.wasm --portable
;; SAME: %t4.wasm %t5.wasm
;; RUN: rewrite %t4.wasm -o %t6.wasm --portable
;; SAME: %t4.wasm %t6.wasm
;; RUN: rewrite %
;; EXIT: 2
;; RUN: rewrite % -o %t7.wasm --report xml
;; EXIT: 2
;;
;; An OpenMP program as the linker leaves it, cut down to what the rewriter looks at: two regions, of which one is computed.
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 3 3 funcref)
  (elem (i32.const 1) $main.omp_outlined $work)
  (func $__kmpc_fork_call (param $ident i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $__kmpc_barrier (param i32 i32))
  (func $main.omp_outlined (param $gtid i32) (param $btid i32) (param $x i32) (param $y i32)
    (call $__kmpc_barrier (i32.const 0) (i32.const 0))
    (i32.atomic.store (local.get $x) (call $num_procs))
    (drop (call $sched_yield)))
  (func $work (param $gtid i32) (param $btid i32))
  (func $_start (export "_start") (param $which i32)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 2) (i32.const 1) (i32.const 64))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.load (i32.const 32)) (i32.const 64))))
