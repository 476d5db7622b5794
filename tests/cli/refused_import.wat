;; An import that nobody provides: the message names it, and its kind.
;; RUN: run %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; RUN: run %t.wasm
;; EXIT: 125
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
  (import "nobody" "knows" (func (param i32)))
  (func (export "_start")))
