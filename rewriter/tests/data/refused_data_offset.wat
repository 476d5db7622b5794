;; A segment whose address is computed.
(module
  (memory 1)
  (data (i32.add (i32.const 8) (i32.const 8)) "x"))
