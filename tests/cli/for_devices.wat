;; 2021: CPU 0, discrete GPU 1, integrated GPU 2. The hint is a hint: get_device always succeeds, and each device it names works.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "read_buffer" (func $read_buffer (param i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)

  (func $ok (param $errno i32) (if (local.get $errno) (then (unreachable))))
  (func $kernel (param $id i32) (param $n i32) (param $block i32) (param $out i32) (param $len i32)
    (i32.store8 (i32.add (local.get $out) (local.get $id)) (i32.const 1)))

  (func $works (param $hint i32)
    (i32.store (i32.const 0) (i32.const 0))
    (i32.store (i32.const 8) (i32.const 0))
    (call $ok (call $get_device (local.get $hint) (i32.const 0)))
    (if (i32.eqz (i32.load (i32.const 0))) (then (unreachable)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 4) (i32.const 1) (i32.const 4)))
    (call $ok (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1)))
    (call $ok (call $read_buffer (i32.load (i32.const 4)) (i32.const 8) (i32.const 4)))
    (if (i32.ne (i32.load (i32.const 8)) (i32.const 0x01010101)) (then (unreachable))))

  (func (export "_start")
    (call $works (i32.const 0))
    (call $works (i32.const 1))
    (call $works (i32.const 2))
    (call $works (i32.const 99))
    (call $works (i32.const -1))))
