;; The same with functions: the second call traps at a place whose number is less than that of the first trap.
(module
  (memory (export "memory") 1)
  (func $second (param $at i32) (result i32)
    (i32.load (local.get $at)))
  (func $first (param $by i32) (result i32)
    (i32.rem_u (call $second (i32.const 0)) (local.get $by)))
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (i32.store (i32.const 64)
      (i32.add
        (call $first (i32.and (local.get $id) (i32.const 0)))
        (call $second (i32.add (local.get $id) (i32.const 0x7fffffff)))))))
