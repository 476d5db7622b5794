;; Names in notices, which a host function reports while the program runs.
;; RUN: run %
;; RUN: run % 2>/dev/full
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $parallel_exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; (module (import "\1b[7m" "\aomp2wasi: x" (func)) (func (export "kernel") (param i32 i32 i32)))
  (data (i32.const 1024)
    "\00asm\01\00\00\00\01\0a\02`\00\00`\03\7f\7f\7f\00\02\15\01\04\1b[7m\0c\0aomp2wasi: x\00\00\03\02\01\01"
    "\07\0a\01\06kernel\00\01\0a\04\01\02\00\0b")
  (func (export "_start") (result i32)
    (drop (call $get_device (i32.const 0) (i32.const 16)))
    (i32.ne (i32.const 3)
      (call $parallel_exec (i32.load (i32.const 16)) (i32.const 1024) (i32.const 65) (i32.const 1) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
