;; A memory that the module defines becomes imported, shared and exported. Active data becomes passive: the initializer writes it,
;; in the order of the segments. Passive data and the maximum stay.
(module
  (import "env" "base" (global $base i32))
  (memory $m 1 10)
  (data (i32.const 16) "first")
  (data $second "passive")
  (data (global.get $base) "third")
  (func (export "peek") (param $address i32) (result i32)
    (memory.init $second (i32.const 0) (i32.const 0) (i32.const 7))
    (i32.load8_u (local.get $address))))
