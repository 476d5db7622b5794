;; The sequential device (2022: kind 0) runs the iterations in order, whatever --device says; no iteration at all is fine too.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $parallel_exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; (module
  ;;   (import "env" "memory" (memory 1 65536 shared))
  ;;   (func (export "kernel") (param $id i32) (param $n i32) (param $block i32)
  ;;     (i32.store (i32.const 0)
  ;;       (i32.add (i32.mul (i32.load (i32.const 0)) (i32.const 10)) (local.get $id)))))
  (data (i32.const 4096)
    "\00asm\01\00\00\00\01\07\01`\03\7f\7f\7f\00\02\12\01\03env\06memory\02\03\01\80\80\04\03\02"
    "\01\00\07\0a\01\06kernel\00\00\0a\14\01\12\00A\00A\00(\02\00A\0al \00j6\02\00\0b")
  (func $run (param $iterations i32)
    (if (call $get_device (i32.const 0) (i32.const 8)) (then (unreachable)))
    (if (call $parallel_exec (i32.load (i32.const 8)) (i32.const 4096) (i32.const 75)
          (local.get $iterations) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable))))
  (func (export "_start") (result i32)
    (call $run (i32.const 0))
    (i32.store (i32.const 0) (i32.const 9))
    (call $run (i32.const 8))
    (i32.ne (i32.load (i32.const 0)) (i32.const 901234567))))
