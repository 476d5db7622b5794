;; A trap of one work-item ends the kernel, with the same reason as in Wasmtime.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (i32.store (i32.const 0) (i32.div_s (i32.const 7) (i32.sub (local.get $id) (i32.const 5))))))
