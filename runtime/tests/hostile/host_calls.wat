;; Calls that the host refuses, a million times; and more buffers than there are.
;; OUTCOME: exited: 7
(module
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "get_device" (func $device (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1024 1024)
  (func (export "_start") (result i32) (local $i i32)
    (loop $next
      (if (i32.eqz (call $device (i32.const 0) (i32.const -1))) (then (unreachable)))
      (drop (call $create (i32.const 1) (i32.const 8) (i32.const 0) (i32.const 0)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000))))
    (if (i32.ne (call $create (i32.const 1) (i32.const 8) (i32.const 0) (i32.const 0)) (i32.const 4)) (then (unreachable)))
    (if (call $random (i32.const 0) (i32.const 0x4000000)) (then (unreachable)))
    (i32.const 7)))
