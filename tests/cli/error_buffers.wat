;; What a guest can get wrong with devices and buffers: an errno (inval 1, bad handle 2, no resources 4), and a line that names the call.
;; RUN: run %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "write_buffer" (func $write_buffer (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "read_buffer" (func $read_buffer (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 2)

  (func $expect (param $wanted i32) (param $errno i32)
    (if (i32.ne (local.get $wanted) (local.get $errno)) (then (unreachable))))

  (func $devices (export "devices")
    (call $expect (i32.const 1) (call $get_device (i32.const 0) (i32.const 65533)))
    (call $expect (i32.const 1) (call $get_device (i32.const 0) (i32.const 0xffffffff))))

  (func $create (export "create") (local $device i32)
    (call $expect (i32.const 0) (call $get_device (i32.const 0) (i32.const 0)))
    (local.set $device (i32.load (i32.const 0)))
    ;; No such device.
    (call $expect (i32.const 2) (call $create_buffer (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 4)))
    (call $expect (i32.const 2) (call $create_buffer (i32.const 99) (i32.const 4) (i32.const 0) (i32.const 4)))
    (call $expect (i32.const 2) (call $create_buffer (i32.const -1) (i32.const 4) (i32.const 0) (i32.const 4)))
    ;; No such access, a negative size, nowhere to store the handle.
    (call $expect (i32.const 1) (call $create_buffer (local.get $device) (i32.const 4) (i32.const 3) (i32.const 4)))
    (call $expect (i32.const 1) (call $create_buffer (local.get $device) (i32.const 4) (i32.const -1) (i32.const 4)))
    (call $expect (i32.const 1) (call $create_buffer (local.get $device) (i32.const -1) (i32.const 0) (i32.const 4)))
    (call $expect (i32.const 1) (call $create_buffer (local.get $device) (i32.const 4) (i32.const 0) (i32.const 65533)))
    ;; A buffer of no bytes, and one of all that an i32 can count, which nobody has used yet.
    (call $expect (i32.const 0) (call $create_buffer (local.get $device) (i32.const 0) (i32.const 0) (i32.const 4)))
    (call $expect (i32.const 0) (call $create_buffer (local.get $device) (i32.const 0x7fffffff) (i32.const 2) (i32.const 8)))
    (call $expect (i32.const 0) (call $create_buffer (local.get $device) (i32.const 16) (i32.const 2) (i32.const 12))))

  (func $write (export "write")
    ;; No such buffer.
    (call $expect (i32.const 2) (call $write_buffer (i32.const 0) (i32.const 4) (i32.const 0)))
    (call $expect (i32.const 2) (call $write_buffer (i32.const 0) (i32.const 4) (i32.const 99)))
    (call $expect (i32.const 2) (call $write_buffer (i32.const 0) (i32.const 4) (i32.const -1)))
    ;; Outside of the memory, wholly or in part; another length than the buffer's.
    (call $expect (i32.const 1) (call $write_buffer (i32.const 0xffffffff) (i32.const 16) (i32.load (i32.const 12))))
    (call $expect (i32.const 1) (call $write_buffer (i32.const 65521) (i32.const 16) (i32.load (i32.const 12))))
    (call $expect (i32.const 1) (call $write_buffer (i32.const 0) (i32.const 0xffffffff) (i32.load (i32.const 12))))
    (call $expect (i32.const 1) (call $write_buffer (i32.const 16) (i32.const 17) (i32.load (i32.const 12))))
    (call $expect (i32.const 1) (call $write_buffer (i32.const 16) (i32.const 15) (i32.load (i32.const 12))))
    (call $expect (i32.const 0) (call $write_buffer (i32.const 0) (i32.const 0) (i32.load (i32.const 4))))
    (call $expect (i32.const 0) (call $write_buffer (i32.const 65520) (i32.const 16) (i32.load (i32.const 12)))))

  (func $read (export "read")
    (call $expect (i32.const 2) (call $read_buffer (i32.const 0) (i32.const 16) (i32.const 4)))
    (call $expect (i32.const 2) (call $read_buffer (i32.const 99) (i32.const 16) (i32.const 4)))
    (call $expect (i32.const 2) (call $read_buffer (i32.const -1) (i32.const 16) (i32.const 4)))
    (call $expect (i32.const 1) (call $read_buffer (i32.load (i32.const 12)) (i32.const 65521) (i32.const 16)))
    (call $expect (i32.const 1) (call $read_buffer (i32.load (i32.const 12)) (i32.const 0xffffffff) (i32.const 16)))
    ;; More than there is.
    (call $expect (i32.const 1) (call $read_buffer (i32.load (i32.const 12)) (i32.const 16) (i32.const 17)))
    (call $expect (i32.const 1) (call $read_buffer (i32.load (i32.const 12)) (i32.const 16) (i32.const 0xffffffff)))
    (call $expect (i32.const 0) (call $read_buffer (i32.load (i32.const 12)) (i32.const 16) (i32.const 0)))
    ;; 2 GiB that were never written, in a memory of at most two pages.
    (call $expect (i32.const 4) (call $read_buffer (i32.load (i32.const 8)) (i32.const 16) (i32.const 4))))

  (func (export "_start")
    (call $devices) (call $create) (call $write) (call $read)))
