# needs: autoconf
quietly autoconf
quietly ./configure --host=wasm32-wasip1 CC="omp2wasi cc" ac_cv_host=wasm32-unknown-wasip1 ac_cv_func_malloc_0_nonnull=yes
quietly make
omp2wasi run report
