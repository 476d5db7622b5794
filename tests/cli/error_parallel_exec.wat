;; What a guest can get wrong with parallel_exec: inval 1, bad handle 2, bad kernel 3; and the program goes on.
;; RUN: run %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_exec" (func $parallel_exec (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; (module
  ;;   (import "env" "memory" (memory 1 65536 shared))
  ;;   (func (export "kernel") (param $id i32) (param $n i32) (param $block i32)
  ;;     (i32.store (i32.const 0)
  ;;       (i32.add (i32.mul (i32.load (i32.const 0)) (i32.const 10)) (local.get $id)))))
  (data (i32.const 1024)
    "\00asm\01\00\00\00\01\07\01`\03\7f\7f\7f\00\02\12\01\03env\06memory\02\03\01\80\80\04\03\02"
    "\01\00\07\0a\01\06kernel\00\00\0a\14\01\12\00A\00A\00(\02\00A\0al \00j6\02\00\0b")
  ;; (module (func (export "cornel") (param i32 i32 i32)))
  (data (i32.const 2048)
    "\00asm\01\00\00\00\01\07\01`\03\7f\7f\7f\00\03\02\01\00\07\0a\01\06cornel\00\00\0a\04\01\02"
    "\00\0b")
  ;; (module (func (export "kernel") (param i32 i32 i64)))
  (data (i32.const 3072)
    "\00asm\01\00\00\00\01\07\01`\03\7f\7f~\00\03\02\01\00\07\0a\01\06kernel\00\00\0a\04\01\02"
    "\00\0b")
  ;; (module (import "env" "print" (func)) (func (export "kernel") (param i32 i32 i32)))
  (data (i32.const 4096)
    "\00asm\01\00\00\00\01\0a\02`\00\00`\03\7f\7f\7f\00\02\0d\01\03env\05print\00\00\03\02\01\01"
    "\07\0a\01\06kernel\00\01\0a\04\01\02\00\0b")
  ;; (module (import "env" "memory" (memory 1)) (func (export "kernel") (param i32 i32 i32)))
  (data (i32.const 5120)
    "\00asm\01\00\00\00\01\07\01`\03\7f\7f\7f\00\02\0f\01\03env\06memory\02\00\01\03\02\01\00\07"
    "\0a\01\06kernel\00\00\0a\04\01\02\00\0b")
  ;; (module (func $f unreachable) (start $f) (func (export "kernel") (param i32 i32 i32)))
  (data (i32.const 6144)
    "\00asm\01\00\00\00\01\0a\02`\00\00`\03\7f\7f\7f\00\03\03\02\00\01\07\0a\01\06kernel\00\01"
    "\08\01\00\0a\08\02\03\00\00\0b\02\00\0b")
  (data (i32.const 7168) "(module)")

  (func $expect (param $wanted i32) (param $errno i32)
    (if (i32.ne (local.get $wanted) (local.get $errno)) (then (unreachable))))
  ;; Without buffers, on the device that word 16 names.
  (func $launch (param $kernel i32) (param $len i32) (param $iterations i32) (result i32)
    (call $parallel_exec (i32.load (i32.const 16)) (local.get $kernel) (local.get $len) (local.get $iterations) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  ;; With one output buffer, whose handle is at `list`.
  (func $with_buffer (param $device i32) (param $list i32) (result i32)
    (call $parallel_exec (local.get $device) (i32.const 1024) (i32.const 75) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (local.get $list) (i32.const 1)))

  (func $kernels
    ;; Outside of the memory, too long, empty.
    (call $expect (i32.const 1) (call $launch (i32.const 0xfffffff0) (i32.const 10) (i32.const 4)))
    (call $expect (i32.const 1) (call $launch (i32.const 65530) (i32.const 10) (i32.const 4)))
    (call $expect (i32.const 1) (call $launch (i32.const 1024) (i32.const 0xffffffff) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 1024) (i32.const 0) (i32.const 4)))
    ;; Cut off, text.
    (call $expect (i32.const 3) (call $launch (i32.const 1024) (i32.const 40) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 7168) (i32.const 8) (i32.const 4)))
    ;; Modules, but no kernels.
    (call $expect (i32.const 3) (call $launch (i32.const 2048) (i32.const 39) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 3072) (i32.const 39) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 4096) (i32.const 57) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 5120) (i32.const 56) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 6144) (i32.const 50) (i32.const 4))))

  (func $others (local $cpu i32) (local $sequential i32)
    (local.set $cpu (i32.load (i32.const 16)))
    (call $expect (i32.const 1) (call $launch (i32.const 1024) (i32.const 75) (i32.const -1)))
    ;; No such device.
    (call $expect (i32.const 2) (call $with_buffer (i32.const 0) (i32.const 20)))
    (call $expect (i32.const 2) (call $with_buffer (i32.const 99) (i32.const 20)))
    ;; No such buffer, no such list.
    (call $expect (i32.const 2) (call $with_buffer (local.get $cpu) (i32.const 24)))
    (call $expect (i32.const 1) (call $with_buffer (local.get $cpu) (i32.const 65533)))
    ;; A buffer of the sequential device: not for the CPU, and not together with one of the CPU's.
    (call $expect (i32.const 0) (call $create_buffer (local.get $cpu) (i32.const 4) (i32.const 2) (i32.const 32)))
    (call $expect (i32.const 0) (call $get_device (i32.const 0) (i32.const 16)))
    (local.set $sequential (i32.load (i32.const 16)))
    (if (i32.eq (local.get $sequential) (local.get $cpu)) (then (unreachable)))
    (call $expect (i32.const 0) (call $create_buffer (local.get $sequential) (i32.const 4) (i32.const 2) (i32.const 36)))
    (call $expect (i32.const 2) (call $with_buffer (local.get $cpu) (i32.const 36)))
    (call $expect (i32.const 2) (call $with_buffer (local.get $sequential) (i32.const 32)))
    (call $expect (i32.const 2) (call $parallel_exec (local.get $cpu) (i32.const 1024) (i32.const 75) (i32.const 4) (i32.const 1)
      (i32.const 32) (i32.const 2) (i32.const 0) (i32.const 0)))
    ;; A kernel without parameters for it.
    (call $expect (i32.const 3) (call $with_buffer (local.get $cpu) (i32.const 32))))

  (func (export "_start") (result i32)
    (call $expect (i32.const 0) (call $get_device (i32.const 1) (i32.const 16)))
    (call $kernels)
    (call $others)
    ;; None of these ran a kernel, and all of it still works.
    (if (i32.load (i32.const 0)) (then (return (i32.const 1))))
    (i32.store (i32.const 0) (i32.const 5))
    (call $expect (i32.const 0) (call $launch (i32.const 1024) (i32.const 75) (i32.const 3)))
    (i32.ne (i32.load (i32.const 0)) (i32.const 5012))))
