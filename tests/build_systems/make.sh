# needs: make
quietly make CC=omp2wasi-clang
omp2wasi run report
