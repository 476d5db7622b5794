;; Several memories behind a forged section.
;; OUTCOME: failed: the module has 4 memories
(module (memory 65536) (memory 65536) (memory 65536) (memory 65536) (func (export "_start")) (@custom "omp2wasi" "\02\00\00\00"))
