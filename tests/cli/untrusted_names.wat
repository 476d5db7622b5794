;; What a module names comes out as something to read: no control characters, none that turn the direction of writing, no line that is
;; not ours, nothing without end. JSON keeps the names.
;; RUN: inspect %
;; RUN: inspect --format json %
;; RUN: rewrite % -o %t.wasm --report text
;; RUN: emit-cl %t.wasm
;; EXIT: 125
;; RUN: emit-cl %t.wasm --kernel no%e[31mne
;; EXIT: 125
;; RUN: run %
;; EXIT: 134
;; RUN: run --invoke no%e[31m %
;; EXIT: 125
;; RUN: inspect --no%e[31m %
;; EXIT: 2
(module
  (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
  (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
  (table (export "__indirect_function_table") 4 4 funcref)
  (elem (i32.const 1) $"\1b]0;title\07\1b[31m\7f\u{9b}2J" $"a\0a  offloadable  yes\0a\u{202e}txt.exe" $long)
  (func $__kmpc_fork_call (param $ident i32) (param $argc i32) (param $microtask i32) (param $argv i32)
    (drop (call $kernel_of (local.get $microtask))))
  (func $"\1b]0;title\07\1b[31m\7f\u{9b}2J" (param $gtid i32) (param $btid i32)
    (drop (call $num_procs)))
  (func $"a\0a  offloadable  yes\0a\u{202e}txt.exe" (param $gtid i32) (param $btid i32)
    (call $"\1b]0;title\07\1b[31m\7f\u{9b}2J" (i32.const 0) (i32.const 0)))
  (func $long (@name "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong")
    (param $gtid i32) (param $btid i32))
  (func $trap (@name "\1b[2J\u{9b}31m\u{2066}") unreachable)
  (func $_start (export "_start")
    (drop (call $num_procs))
    (call $trap)
    (call $__kmpc_fork_call (i32.const 4096) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 0))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 0)))
  ;; An ident_t, whose string has the source position.
  (data (i32.const 4096) "\00\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00\18\10\00\00")
  (data (i32.const 4120) ";\1b[7m.c;main\0a  kernel;1;2;;\00"))
