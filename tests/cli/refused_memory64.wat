;; A 64-bit memory.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module (memory (export "memory") i64 1) (func (export "_start")))
