;; A kernel module of 2 MiB, then hundreds of some hundred KiB that differ: the first is refused, of the others some are kept.
;; MEMORY: 32M
;; KERNEL: (module (func (export "kernel") (param i32 i32 i32)))
;; INVOKE: go
;; OUTCOME: exited: 7
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 64 64 shared))
  (data $kernel "{kernel}")
  (func $run (param $len i32) (result i32)
    (call $exec (i32.const 1) (i32.const 1024) (local.get $len) (i32.const 4)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func (export "go") (result i32) (local $i i32) (local $end i32)
    (memory.init $kernel (i32.const 1024) (i32.const 0) (i32.const {kernel_len}))
    (local.set $end (i32.add (i32.const 1024) (i32.const {kernel_len})))
    ;; A custom section of 0x70000 bytes without a name: 0, the length in 5 bytes, 0, and whatever is there.
    (i32.store8 (local.get $end) (i32.const 0))
    (i32.store offset=1 (local.get $end) (i32.const 0x809c8080))
    (i32.store8 offset=5 (local.get $end) (i32.const 0))
    (if (i32.ne (call $run (i32.const 0x200000)) (i32.const 4)) (then (unreachable)))
    (loop $next
      (i32.store offset=20 (local.get $end) (local.get $i))
      (if (call $run (i32.add (i32.const {kernel_len}) (i32.const 0x70006))) (then (unreachable)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 600))))
    (i32.const 7))
  (@custom "omp2wasi" "\02\00\00\00"))
