;; The exit code of a program whose `_start` returns an i32 is its low byte.
;; RUN: run %
;; EXIT: 7
(module (func (export "_start") (result i32) (i32.const 0x10007)))
