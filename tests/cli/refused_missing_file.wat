;; Files and folders that are not there, and standard input with nothing in it.
;; RUN: run %t.wasm
;; EXIT: 125
;; RUN: inspect %t.wasm
;; EXIT: 125
;; RUN: rewrite %t.wasm -o %t2.wasm
;; EXIT: 125
;; RUN: rewrite % -o %t/no/such/folder.wasm
;; EXIT: 125
;; RUN: inspect -
;; EXIT: 125
;; RUN: run --dir %t %
;; EXIT: 125
(module (func (export "_start")))
