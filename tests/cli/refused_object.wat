;; An object file: the message says how to link it.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module
  (import "env" "__linear_memory" (memory 0))
  (func)
  (@custom "linking" "\02"))
