;; A section of ours that ends early.
(module (@custom "omp2wasi" "\02\05init"))
