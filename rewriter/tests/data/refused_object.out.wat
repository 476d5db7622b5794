;; this is an object file, not a linked module: link it with `omp2wasi cc`, or with wasm-ld and the flags that `omp2wasi shim --print-flags` prints
