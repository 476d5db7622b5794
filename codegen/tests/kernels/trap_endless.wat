;; A trap of one work-item ends the kernel, with the same reason as in Wasmtime.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (loop $l (drop (i32.load (i32.const -1))) (br $l))))
