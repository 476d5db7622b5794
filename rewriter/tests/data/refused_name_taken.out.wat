;; unsupported: the export `omp2wasi.kernel`, whose name is for the rewriter to give
