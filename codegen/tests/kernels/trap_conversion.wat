;; A trap of one work-item ends the kernel, with the same reason as in Wasmtime.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (i32.store (i32.const 0) (i32.trunc_f64_s (f64.div (f64.const 0) (f64.convert_i32_s (i32.sub (local.get $id) (i32.const 9))))))))
