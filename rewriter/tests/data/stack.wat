;; Wherever a function sets the stack pointer, the new value is compared with the thread's limit; kernels set it unchecked, from one
;; thread's stack to another's.
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
  (func $main (export "main")
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)))
  ;; As clang -O2 writes it.
  (func $frame (export "frame") (local $sp i32)
    (global.set $__stack_pointer
      (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (i32.store (local.get $sp) (i32.const 1))
    (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const 16))))
  ;; A frame in a branch; a difference without a local; alloca, where the size is rounded.
  (func $branches (export "branches") (param $size i32) (local $saved i32)
    (local.set $saved (global.get $__stack_pointer))
    (if (local.get $size)
      (then (global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (local.get $size))))
      (else
        (global.set $__stack_pointer
          (i32.and (i32.sub (local.get $saved) (i32.const 100)) (i32.const -64)))))
    (global.set $__stack_pointer (local.get $saved)))
  ;; Another global is not the stack pointer.
  (func $other (export "other") (global.set $__tls_base (i32.sub (global.get $__tls_base) (i32.const 16)))))
