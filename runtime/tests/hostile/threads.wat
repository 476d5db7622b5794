;; Teams in teams in teams, each as large as it may be: together they have no more threads than there may be.
;; OUTCOME: exited: 7
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write (param i32 i32 i32) (result i32)))
  (memory (import "env" "memory") 1 10 shared)
  (table (export "table") funcref (elem $k))
  (func $fork (param $size i32) (result i32)
    (call $for (i32.const 0) (local.get $size) (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 0)))
  (func $k (export "k") (param i32 i32 i32 i32 i32)
    ;; Two levels are enough: the innermost members do nothing.
    (if (i32.lt_u (i32.atomic.rmw.add (i32.const 128) (i32.const 1)) (i32.const 300))
      (then (drop (call $fork (i32.const 7))) (drop (call $fork (i32.const 3))))))
  (func (export "_start") (result i32)
    (drop (call $create (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 16)))
    (drop (call $write (i32.const 64) (i32.const 16) (i32.load (i32.const 16))))
    (if (i32.ne (call $fork (i32.const 2000000000)) (i32.const 4)) (then (unreachable)))
    (if (i32.ne (call $fork (i32.const -1)) (i32.const 1)) (then (unreachable)))
    (if (call $fork (i32.const 4)) (then (unreachable)))
    (i32.const 7))
  (@custom "omp2wasi" "\02\00\00\01\01k\00\01m\ff\ff\ff\ff\0f\00\00\01\00"))
