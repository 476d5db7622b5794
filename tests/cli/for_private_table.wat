;; Neither the table nor the memory is exported: what parallel_for needs of a module does not depend on that.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "parallel_for"
    (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $kernel)
  (memory 1)
  (func $kernel (param $thread_id i32) (param $num_threads i32) (param $block_size i32)
    (i32.store8 (local.get $thread_id) (i32.const 1)))
  (func (export "_start") (result i32)
    (i32.add
      (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.mul (i32.const 10) (i32.ne (i32.load (i32.const 0)) (i32.const 0x01010101))))))
