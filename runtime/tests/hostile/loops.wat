;; Computes for ever, on all threads that it gets.
;; TIME: 1
;; ANYWHERE
;; OUTCOME: trapped: the program has run for
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") funcref (elem $k))
  (memory (export "memory") 1)
  (func $k (param i32 i32 i32) (loop $l (br $l)))
  (func (export "_start")
    (drop (call $for (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
