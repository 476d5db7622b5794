;; Operands that a branch leaves behind have been evaluated: what traps does.
(module
  (memory (export "memory") 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (block $out
      (i32.div_u (i32.const 1) (local.get $id))
      (br $out))))
