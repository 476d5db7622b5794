;; A trap of one work-item ends the kernel, with the same reason as in Wasmtime.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (i64.store (i32.const 0)
      (i64.div_s (i64.const 0x8000000000000000) (select (i64.const -1) (i64.const 1) (i32.eq (local.get $id) (i32.const 2)))))))
