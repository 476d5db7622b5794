;; Names of imports in errors: they look like no message of ours.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
(module
  (import "\1b[31m" "\u{9b}x\u{202e}\0aomp2wasi: all is well" (func))
  (func (export "_start")))
