;; parallel_for looks kernels up in the table, so it becomes an export.
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory 1)
  (table 1 funcref)
  (elem (i32.const 0) $kernel)
  (func $kernel (param i32 i32 i32)))
