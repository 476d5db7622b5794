;; A module that ends in the middle of a section.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module binary "\00asm\01\00\00\00" "\01\05\01\60")
