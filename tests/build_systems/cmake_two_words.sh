# needs: cmake
# Without links beside the program the compiler is of two words.
rm ../bin/omp2wasi-*
omp2wasi toolchain --cmake > toolchain.cmake
quietly cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake
quietly cmake --build build
omp2wasi run build/report.wasm
