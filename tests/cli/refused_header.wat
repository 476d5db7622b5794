;; Only the magic number is there.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module binary "\00asm")
