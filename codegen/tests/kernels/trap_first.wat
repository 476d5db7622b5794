;; Of several traps before the next loop the first one counts, whatever is computed with what it left.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (i32.store (i32.const 64)
      (i32.add
        (i32.div_s (i32.const 7) (i32.and (local.get $id) (i32.const 0)))
        (i32.load (i32.shl (i32.add (local.get $id) (i32.const 1)) (i32.const 24)))))
    (i32.store (i32.const 0x7fffff) (i32.const 1))))
