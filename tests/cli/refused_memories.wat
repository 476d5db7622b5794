;; Two memories.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module (memory (export "memory") 1) (memory 1) (func (export "_start")))
