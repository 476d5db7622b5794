;; RUN: run %
;; EXIT: 125
(module (global (export "_start") i32 (i32.const 0)))
