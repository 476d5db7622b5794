;; A function of WASI that preview 1 does not have.
;; RUN: run %
;; EXIT: 125
(module
  (import "wasi_snapshot_preview1" "thread_spawn" (func (param i32) (result i32)))
  (func (export "_start")))
