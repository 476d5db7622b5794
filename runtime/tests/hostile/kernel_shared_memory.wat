;; A kernel module with a shared memory of its own, which nobody could stop from growing.
;; KERNEL: (module (memory 1 65536 shared) (func (export "kernel") (param i32 i32 i32)
;; KERNEL:   (loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
;; KERNEL:   (memory.fill (i32.const 0) (i32.const 1) (i32.mul (memory.size) (i32.const 65536)))))
;; INVOKE: go
;; OUTCOME: exited: 3
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{kernel}")
  (func (export "go") (result i32)
    (call $exec (i32.const 1) (i32.const 1024) (i32.const {kernel_len}) (i32.const 100)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
