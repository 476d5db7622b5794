;; Without a shim, each instance has mutable globals of its own: those that a host can carry over are exported, and listed in the section.
;; References belong to their instance, so they are not.
(module
  (import "wasi_ephemeral_parallel" "parallel_for" (func (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (table (export "table") 1 funcref)
  (global $hidden (mut i32) (i32.const 1))
  (global $constant i64 (i64.const 2))
  (global $shown (export "shown") (mut f64) (f64.const 3))
  (global $also_hidden (mut f32) (f32.const 4))
  (global $vector (mut v128) (v128.const i64x2 5 6))
  (global $reference (mut funcref) (ref.null func)))
