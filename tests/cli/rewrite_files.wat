;; Where the rewritten module goes: standard output, a file that is replaced, the input itself.
;; RUN: rewrite % -o %t1.wasm
;; RUN: rewrite % -o - >%t2.wasm
;; SAME: %t1.wasm %t2.wasm
;; RUN: rewrite - -o /dev/null
;; EXIT: 125
;; RUN: rewrite % -o /dev/stdout >%t3.wasm
;; SAME: %t1.wasm %t3.wasm
;; RUN: rewrite %t3.wasm -o %t3.wasm --portable
;; RUN: rewrite % -o %t4.wasm --portable
;; SAME: %t3.wasm %t4.wasm
;; RUN: rewrite % -o - --report text
;; EXIT: 125
(module
  (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
  (memory (export "memory") 2)
  (func (export "_start") (drop (call $num_procs))))
