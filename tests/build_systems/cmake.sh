# needs: cmake
quietly omp2wasi cmake -S . -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
quietly omp2wasi cmake --build build
grep -c omp2wasi-clang build/compile_commands.json
cd build
quietly ctest
cat report.txt
omp2wasi run report.wasm
