;; A function that we have, imported with another type.
;; RUN: run %
;; EXIT: 125
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32) (result i32)))
  (func (export "_start") (drop (call $get_device (i32.const 0)))))
