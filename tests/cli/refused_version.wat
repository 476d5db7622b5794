;; A version of the binary format that does not exist.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module binary "\00asm\02\00\00\00")
