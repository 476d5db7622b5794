;; A trap in the start function is one like any other, outside of any team.
;; RUN: run %
;; EXIT: 134
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "x")
  (start $initialize)
  (func $initialize (unreachable))
  (func (export "_start")))
