;; The section of the rewriter, cut off.
;; RUN: run %
;; EXIT: 125
;; RUN: inspect %
;; EXIT: 125
;; RUN: rewrite % -o %t.wasm
;; EXIT: 125
(module (func (export "_start")) (@custom "omp2wasi" "\02\05init"))
