;; A start function that has helpers run a kernel module, and then traps.
;; KERNEL: (module (func (export "kernel") (param i32 i32 i32)))
;; OUTCOME: failed: unreachable
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (data $kernel "{kernel}")
  (func $s
    (memory.init $kernel (i32.const 1024) (i32.const 0) (i32.const {kernel_len}))
    (drop (call $exec (i32.const 1) (i32.const 1024) (i32.const {kernel_len}) (i32.const 100000)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (unreachable))
  (start $s)
  (func (export "_start"))
  (@custom "omp2wasi" "\02\00\00\00"))
