;; As clang writes it at -O0: the microtask goes through a local, which may be set and read more than once.
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
  (func $main.omp_outlined (param $gtid i32) (param $btid i32) (param $x i32))
  (func $main (export "main") (local $loc i32) (local $argc i32) (local $microtask i32) (local $argv i32)
    i32.const 8
    local.set $loc
    i32.const 1
    local.set $argc
    i32.const 1
    local.set $microtask
    i32.const 16
    local.set $argv
    local.get $loc
    local.get $argc
    local.get $microtask
    local.get $argv
    call $__kmpc_fork_call
    ;; The other locals do not matter.
    i32.const 7
    local.set $argc
    local.get $loc
    local.get $argc
    local.get $microtask
    local.get $argv
    call $__kmpc_fork_call))
