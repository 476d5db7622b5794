;; Text that is no module.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module
  (func (export "_start") (drop (i32.const one))))
