;; the custom section `omp2wasi` is malformed: rewrite the module again
