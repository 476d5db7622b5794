;; Well-formed, and not valid: the function returns what it does not have.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module (func (export "_start") (result i32)))
