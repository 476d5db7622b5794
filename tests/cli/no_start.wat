;; Nothing to start: the message says how to call something else.
;; RUN: run %
;; EXIT: 125
;; RUN: run --invoke main %
(module
  (func (export "main"))
  (global (export "global") i32 (i32.const 0)))
