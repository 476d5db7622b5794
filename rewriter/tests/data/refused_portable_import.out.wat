;; unsupported: the import `omp2wasi.levitate` is not one that we know
