;; wasi-threads: threads come from OpenMP here.
;; RUN: run %
;; EXIT: 125
(module
  (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func (export "_start")))
