;; Three buffers, as in STREAM: a = b + 3 c, where `a` belongs to the output and its contents come back by read_buffer; two
;; outputs, of which one is never written by the host and the other not by the kernel; addresses and lengths arrive.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "read_buffer" (func $read_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $triad)
  (memory (export "memory") 1)

  ;; 0: device. 16, 20: input buffers b and c. 24, 28: output buffers a and d. 1000: b. 2000: c. 3000: where a is read to.
  ;; 4000: d, that kernels do not touch. 5000: where d is read to. 6000: a buffer that no kernel sees is read to here.
  (data (i32.const 4000) "untouched")

  (func $ok (param $errno i32) (if (local.get $errno) (then (unreachable))))

  (func $triad (param $id i32) (param $n i32) (param $block i32)
      (param $b i32) (param $b_len i32) (param $c i32) (param $c_len i32)
      (param $a i32) (param $a_len i32) (param $d i32) (param $d_len i32)
    (local $at i32)
    (if (i32.or (i32.ne (local.get $b) (i32.const 1000)) (i32.ne (local.get $c) (i32.const 2000))) (then (unreachable)))
    (if (i32.or (i32.ne (local.get $b_len) (i32.const 400)) (i32.ne (local.get $c_len) (i32.const 400))) (then (unreachable)))
    (if (i32.or (i32.ne (local.get $a_len) (i32.const 400)) (i32.ne (local.get $d_len) (i32.const 9))) (then (unreachable)))
    (if (i32.or (i32.ne (local.get $n) (i32.const 100)) (i32.ne (local.get $block) (i32.const 10))) (then (unreachable)))
    (if (i32.ne (local.get $d) (i32.const 4000)) (then (unreachable)))
    (local.set $at (i32.mul (local.get $id) (i32.const 4)))
    (i32.store (i32.add (local.get $a) (local.get $at))
      (i32.add
        (i32.load (i32.add (local.get $b) (local.get $at)))
        (i32.mul (i32.const 3) (i32.load (i32.add (local.get $c) (local.get $at)))))))

  (func (export "_start") (result i32) (local $i i32) (local $wrong i32)
    (call $ok (call $get_device (i32.const 0) (i32.const 0)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 400) (i32.const 0) (i32.const 16)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 400) (i32.const 0) (i32.const 20)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 400) (i32.const 1) (i32.const 24)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 9) (i32.const 2) (i32.const 28)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 4) (i32.const 1) (i32.const 32)))
    (loop $fill
      (i32.store offset=1000 (i32.mul (local.get $i) (i32.const 4)) (i32.add (local.get $i) (i32.const 7)))
      (i32.store offset=2000 (i32.mul (local.get $i) (i32.const 4)) (i32.mul (local.get $i) (local.get $i)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (call $ok (call $write_buffer (i32.const 1000) (i32.const 400) (i32.load (i32.const 16))))
    (call $ok (call $write_buffer (i32.const 2000) (i32.const 400) (i32.load (i32.const 20))))
    (call $ok (call $write_buffer (i32.const 4000) (i32.const 9) (i32.load (i32.const 28))))
    (call $ok (call $parallel_for (i32.const 0) (i32.const 100) (i32.const 10)
      (i32.const 16) (i32.const 2) (i32.const 24) (i32.const 2)))
    (call $ok (call $read_buffer (i32.load (i32.const 24)) (i32.const 3000) (i32.const 400)))
    (call $ok (call $read_buffer (i32.load (i32.const 28)) (i32.const 5000) (i32.const 9)))
    ;; Written by nobody: zeros.
    (i32.store (i32.const 6000) (i32.const -1))
    (call $ok (call $read_buffer (i32.load (i32.const 32)) (i32.const 6000) (i32.const 4)))

    (local.set $i (i32.const 0))
    (loop $check
      (local.set $wrong (i32.add (local.get $wrong)
        (i32.ne (i32.load offset=3000 (i32.mul (local.get $i) (i32.const 4)))
          (i32.add (i32.add (local.get $i) (i32.const 7)) (i32.mul (i32.const 3) (i32.mul (local.get $i) (local.get $i)))))))
      (br_if $check (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (if (i64.ne (i64.load (i32.const 5000)) (i64.load (i32.const 4000))) (then (unreachable)))
    (if (i32.load (i32.const 6000)) (then (unreachable)))
    (local.get $wrong)))
