;; The shim was not linked: an entry point of OpenMP is still an import.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module
  (import "env" "__kmpc_fork_call" (func (param i32 i32 i32 i32)))
  (import "env" "memory" (memory 1))
  (func (export "_start")))
