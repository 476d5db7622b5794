;; A trap of one work-item ends the kernel, with the same reason as in Wasmtime.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (if (i32.eq (local.get $id) (i32.const 40)) (then (i32.store (i32.const 0) (local.get $id)) (unreachable)))))
