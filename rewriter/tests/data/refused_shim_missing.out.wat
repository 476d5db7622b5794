;; the module imports `omp_get_thread_num` from `env`: it was linked without the OpenMP shim; link it with libomp2wasi.a (`omp2wasi shim --install DIR`) and without --allow-undefined
