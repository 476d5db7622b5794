;; Devices have no stack to speak of.
(module
  (memory (export "memory") 1)
  (func $even (param i32) (result i32) (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (param i32) (result i32) (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
  (func (export "kernel") (param i32 i32 i32) (drop (call $even (local.get 0)))))
