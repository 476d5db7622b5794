;; A global that nobody provides.
;; RUN: run %
;; EXIT: 125
(module (import "env" "answer" (global i32)) (func (export "_start")))
