;; unsupported: the import `omp2wasi.num_procs` has another type than ours
