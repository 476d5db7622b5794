;; Opens a named pipe, which would block; one file until there are no more descriptors; and reads 4 GiB into the memory at once.
;; FOLDER
;; OUTCOME: exited: 7
(module
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 100)
  (data (i32.const 0) "pipe")
  (data (i32.const 8) "file")
  (func $open (param $name i32) (param $oflags i32) (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (local.get $name) (i32.const 4) (local.get $oflags)
      (i64.const 0x42) (i64.const 0x42) (i32.const 0) (i32.const 16)))
  (func (export "_start") (result i32) (local $errno i32)
    (if (i32.ne (call $open (i32.const 0) (i32.const 0)) (i32.const 58)) (then (unreachable)))
    (if (call $open (i32.const 8) (i32.const 1)) (then (unreachable)))
    ;; All of the memory, many times.
    (i32.store (i32.const 32) (i32.const 0))
    (i32.store (i32.const 36) (i32.const 0x640000))
    (i32.store (i32.const 40) (i32.const 0))
    (i32.store (i32.const 44) (i32.const 0x640000))
    (if (call $fd_pwrite (i32.load (i32.const 16)) (i32.const 32) (i32.const 2) (i64.const 0) (i32.const 20)) (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 20)) (i32.const 0x100000)) (then (unreachable)))
    (if (i32.ne (call $fd_read (i32.load (i32.const 16)) (i32.const 32) (i32.const 1025) (i32.const 20)) (i32.const 28)) (then (unreachable)))
    (loop $more
      (local.set $errno (call $open (i32.const 8) (i32.const 0)))
      (br_if $more (i32.eqz (local.get $errno))))
    (if (i32.ne (local.get $errno) (i32.const 33)) (then (unreachable)))
    (i32.const 7)))
