;; RUN: run %
;; EXIT: 125
;; RUN: run % 1 2
;; EXIT: 125
(module (func (export "_start") (param i32)))
