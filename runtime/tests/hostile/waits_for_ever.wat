;; Waits in memory for ever: a thread with 64 bits, the other members of its team with 32.
;; TIME: 1
;; OUTCOME: trapped: the program has run for
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write (param i32 i32 i32) (result i32)))
  (memory (import "env" "memory") 1 10 shared)
  (table (export "table") funcref (elem $k))
  (func $k (export "k") (param $id i32) (param i32 i32 i32 i32)
    (if (local.get $id)
      (then (drop (memory.atomic.wait32 offset=4 (i32.const 0) (i32.const 0) (i64.const -1))))
      (else (drop (memory.atomic.wait64 offset=8 (i32.const 0) (i64.const 0) (i64.const -1))))))
  (func (export "_start")
    (drop (call $create (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 16)))
    (drop (call $write (i32.const 64) (i32.const 16) (i32.load (i32.const 16))))
    (i32.store (i32.const 20) (i32.load (i32.const 16)))
    (i32.store (i32.const 16) (i32.const 0))
    (drop (call $for (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 20) (i32.const 1) (i32.const 0) (i32.const 0))))
  (@custom "omp2wasi" "\02\00\00\01\01k\00\01m\ff\ff\ff\ff\0f\00\00\01\00"))
