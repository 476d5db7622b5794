;; A start function that forks, behind a section that makes its kernel that of a region: each member of the team would run it again.
;; OUTCOME: exited: 3
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write (param i32 i32 i32) (result i32)))
  (memory (import "env" "memory") 1 10 shared)
  (table (export "table") funcref (elem $k))
  (func $k (export "k") (param i32 i32 i32 i32 i32))
  (func $s
    (drop (call $create (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 16)))
    (drop (call $write (i32.const 64) (i32.const 16) (i32.load (i32.const 16))))
    (i32.store (i32.const 32)
      (call $for (i32.const 0) (i32.const 64) (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 0))))
  (start $s)
  (func (export "_start") (result i32) (i32.load (i32.const 32)))
  (@custom "omp2wasi" "\02\00\00\01\01k\00\01m\ff\ff\ff\ff\0f\00\00\01\00"))
