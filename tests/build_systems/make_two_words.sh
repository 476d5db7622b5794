# needs: make
quietly make CC="omp2wasi cc"
omp2wasi run report
