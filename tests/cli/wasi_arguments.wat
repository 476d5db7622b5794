;; The program's arguments, the first of which is the module; what follows the module belongs to the program, options too.
;; RUN: run %
;; RUN: run % one --threads 3 --invoke x -- --help
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: count. 4: bytes. 16: an iovec. 1000: pointers. 2000: the strings, each with a zero behind it, which becomes a line feed.
  (func (export "_start") (result i32) (local $at i32)
    (if (call $args_sizes_get (i32.const 0) (i32.const 4)) (then (return (i32.const 1))))
    (if (call $args_get (i32.const 1000) (i32.const 2000)) (then (return (i32.const 2))))
    (local.set $at (i32.const 2000))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (i32.const 2000) (i32.load (i32.const 4))))))
    (i32.store (i32.const 16) (i32.const 2000))
    (i32.store (i32.const 20) (i32.load (i32.const 4)))
    (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
