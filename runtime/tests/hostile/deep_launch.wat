;; As deep as the stack goes, and there a kernel module that recurses for ever: two limits of one stack. The runner invokes it around
;; the very depth where the program alone would trap.
;; KERNEL: (module (func $r (param i32) (result i32) (i32.add (i32.const 1) (call $r (i32.add (local.get 0) (i32.const 1)))))
;; KERNEL:   (func (export "kernel") (param i32 i32 i32) (drop (call $r (i32.const 0)))))
;; INVOKE: go=1000
;; INVOKE: edge
;; OUTCOME: trapped: call stack exhausted
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{kernel}")
  (func $descend (param $depth i32) (result i32)
    (if (i32.eqz (local.get $depth))
      (then (return (call $exec (i32.const 2) (i32.const 1024) (i32.const {kernel_len}) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
    (i32.add (i32.const 1) (call $descend (i32.sub (local.get $depth) (i32.const 1)))))
  (func (export "go") (param i32) (result i32) (call $descend (local.get 0))))
