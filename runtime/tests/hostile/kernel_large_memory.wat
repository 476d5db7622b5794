;; A kernel module whose instances are so large that there is room for one: the helpers go without.
;; MEMORY: 128M
;; KERNEL: (module (memory 300) (func (export "kernel") (param i32 i32 i32)))
;; INVOKE: go
;; OUTCOME: exited: 0
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{kernel}")
  (func (export "go") (result i32)
    (call $exec (i32.const 1) (i32.const 1024) (i32.const {kernel_len}) (i32.const 100000)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
