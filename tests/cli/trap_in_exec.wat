;; A trap in a kernel of 2022: the iteration, what happened, and where in the kernel module.
;; RUN: run --invoke on=1 %
;; EXIT: 134
;; RUN: run --invoke on=0 %
;; EXIT: 134
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $parallel_exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; (module
  ;;   (func $invert (param $x i32) (result i32)
  ;;     (i32.div_u (i32.const 1) (local.get $x)))
  ;;   (func (export "kernel") (param $id i32) (param $n i32) (param $block i32)
  ;;     (drop (call $invert (i32.sub (local.get $id) (i32.const 5))))))
  (data (i32.const 4096)
    "\00asm\01\00\00\00\01\0c\02`\01\7f\01\7f`\03\7f\7f\7f\00\03\03\02\00\01\07\0a\01\06kernel"
    "\00\01\0a\14\02\07\00A\01 \00n\0b\0a\00 \00A\05k\10\00\1a\0b\00(\04name\01\09\01\00\06inv"
    "ert\02\16\02\00\01\00\01x\01\03\00\02id\01\01n\02\05block")
  (func $on (export "on") (param $kind i32)
    (drop (call $get_device (local.get $kind) (i32.const 8)))
    (drop (call $parallel_exec (i32.load (i32.const 8)) (i32.const 4096) (i32.const 103)
      (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
