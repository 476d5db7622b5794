;; The same with a kernel module whose start function recurses: it runs when the module is instantiated.
;; KERNEL: (module (func $r (param i32) (result i32) (i32.add (i32.const 1) (call $r (i32.add (local.get 0) (i32.const 1)))))
;; KERNEL:   (func $start (drop (call $r (i32.const 0)))) (start $start) (func (export "kernel") (param i32 i32 i32)))
;; INVOKE: edge
;; OUTCOME: trapped: call stack exhausted
(module
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{kernel}")
  (func $descend (param $depth i32) (result i32)
    (if (i32.eqz (local.get $depth))
      (then (drop (call $exec (i32.const 2) (i32.const 1024) (i32.const {kernel_len}) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) (unreachable)))
    (i32.add (i32.const 1) (call $descend (i32.sub (local.get $depth) (i32.const 1)))))
  (func (export "go") (param i32) (result i32) (call $descend (local.get 0))))
