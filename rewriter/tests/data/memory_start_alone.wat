;; A start function without data: where the memory was the module's own, it would run once, so the initializer calls it.
(module
  (memory 1)
  (start $begin)
  (func $begin (i32.store (i32.const 0) (i32.const 1))))
