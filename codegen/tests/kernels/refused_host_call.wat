;; What cannot be translated is refused, with the calls that lead there.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func $inner (drop (call $yield)))
  (func $outer (call $inner))
  (func (export "kernel") (param i32 i32 i32) (call $outer)))
