;; A section that has the kernel where it is not.
;; OUTCOME: failed: it says that the kernel `k` is at table index 1, where it is not
(module
  (memory (import "env" "memory") 1 10 shared)
  (table (export "table") funcref (elem $k $other))
  (func $k (export "k") (param i32 i32 i32 i32 i32))
  (func $other (param i32 i32 i32 i32 i32))
  (func (export "_start"))
  (@custom "omp2wasi" "\02\00\00\01\01k\01\01m\ff\ff\ff\ff\0f\00\00\01\00"))
