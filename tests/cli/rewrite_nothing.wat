;; A module without parallel regions and without a memory.
;; RUN: inspect %
;; RUN: inspect --format json %
;; RUN: rewrite % -o %t1.wasm
;; RUN: run %t1.wasm
;; EXIT: 9
(module (func (export "_start") (result i32) (i32.const 9)))
