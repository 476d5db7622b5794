;; parallel_for with buffers of two devices: there is no one device that it could run on.
;; RUN: run %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  ;; With this import the devices are those of 2022: sequential 0, CPU 1.
  (import "wasi_ephemeral_parallel" "parallel_exec" (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory (export "memory") 1)
  (func $kernel (param i32 i32 i32 i32 i32 i32 i32))
  (func $ok (param $errno i32) (if (local.get $errno) (then (unreachable))))
  (func $make (param $kind i32) (param $at i32)
    (call $ok (call $get_device (local.get $kind) (i32.const 0)))
    (call $ok (call $create_buffer (i32.load (i32.const 0)) (i32.const 4) (i32.const 2) (local.get $at))))
  ;; The errno of a launch with one input and one output.
  (func $launch (param $in i32) (param $out i32) (result i32)
    (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
      (local.get $in) (i32.const 1) (local.get $out) (i32.const 1)))
  (func (export "_start")
    (call $make (i32.const 0) (i32.const 4))
    (call $make (i32.const 1) (i32.const 8))
    (call $ok (call $launch (i32.const 4) (i32.const 4)))
    (call $ok (call $launch (i32.const 8) (i32.const 8)))
    (if (i32.ne (call $launch (i32.const 4) (i32.const 8)) (i32.const 2)) (then (unreachable)))
    (if (i32.ne (call $launch (i32.const 8) (i32.const 4)) (i32.const 2)) (then (unreachable)))))
