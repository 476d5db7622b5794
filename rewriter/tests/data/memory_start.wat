;; The start function would run in each instance: the initializer calls it, behind the data.
(module
  (memory (export "mem") 1)
  (data (i32.const 0) "data")
  (global $ready (export "ready") (mut i32) (i32.const 0))
  (start $begin)
  (func $begin (global.set $ready (i32.load (i32.const 0)))))
