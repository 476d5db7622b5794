;; parallel_exec (2022): the kernel is a module in the program's memory, and works on the same memory. out[i] = in[i] + n.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "read_buffer" (func $read_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_exec"
    (func $parallel_exec (param $device i32) (param $kernel i32) (param $kernel_len i32)
      (param $num_iterations i32) (param $block_size i32)
      (param $in i32) (param $in_len i32) (param $out i32) (param $out_len i32) (result i32)))
  (memory (export "memory") 1)

  ;; (module
  ;;   (import "env" "memory" (memory 1 65536 shared))
  ;;   (func (export "kernel") (param $id i32) (param $n i32) (param $block i32)
  ;;         (param $in i32) (param $in_len i32) (param $out i32) (param $out_len i32)
  ;;     (local $at i32)
  ;;     (local.set $at (i32.shl (local.get $id) (i32.const 2)))
  ;;     (i32.store (i32.add (local.get $out) (local.get $at))
  ;;       (i32.add (local.get $n)
  ;;         (i32.load (i32.add (local.get $in) (local.get $at)))))))
  (data (i32.const 4096)
    "\00asm\01\00\00\00\01\0b\01`\07\7f\7f\7f\7f\7f\7f\7f\00\02\12\01\03env\06memory\02\03\01\80"
    "\80\04\03\02\01\00\07\0a\01\06kernel\00\00\0a \01\1e\01\01\7f \00A\02t!\07 \05 \07j \01 \03"
    " \07j(\02\00j6\02\00\0b")
  ;; 0: device. 4: input buffer. 8: output buffer. 1000: input. 2000: where the output is read to.
  (func $ok (param $errno i32) (if (local.get $errno) (then (unreachable))))

  ;; Runs it on a device of this kind; the number of wrong results.
  (func $run (param $kind i32) (result i32) (local $i i32) (local $wrong i32)
    (call $ok (call $get_device (local.get $kind) (i32.const 0)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 400) (i32.const 0) (i32.const 4)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 400) (i32.const 1) (i32.const 8)))
    (loop $fill
      (i32.store offset=1000 (i32.mul (local.get $i) (i32.const 4)) (i32.mul (local.get $i) (local.get $i)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (call $ok (call $write_buffer (i32.const 1000) (i32.const 400) (i32.load (i32.const 4))))
    (call $ok (call $parallel_exec (i32.load (i32.const 0)) (i32.const 4096) (i32.const 91)
      (i32.const 100) (i32.const 1) (i32.const 4) (i32.const 1) (i32.const 8) (i32.const 1)))
    (call $ok (call $read_buffer (i32.load (i32.const 8)) (i32.const 2000) (i32.const 400)))
    (local.set $i (i32.const 0))
    (loop $check
      (local.set $wrong (i32.add (local.get $wrong)
        (i32.ne (i32.load offset=2000 (i32.mul (local.get $i) (i32.const 4)))
          (i32.add (i32.const 100) (i32.mul (local.get $i) (local.get $i))))))
      (br_if $check (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (local.get $wrong))

  ;; Sequential 0, CPU 1, discrete GPU 2, integrated GPU 3; and a kind that there is not.
  (func (export "_start") (result i32)
    (i32.add
      (i32.add (i32.add (call $run (i32.const 0)) (call $run (i32.const 1)))
        (i32.add (call $run (i32.const 2)) (call $run (i32.const 3))))
      (call $run (i32.const 77)))))
