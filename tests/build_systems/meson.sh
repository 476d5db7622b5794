# needs: meson ninja
omp2wasi toolchain --meson > cross.ini
# An old meson does not know OpenMP 5.1, which clang 22 says it has.
quietly meson setup build --cross-file cross.ini -Dc_args=-fopenmp-version=50
quietly meson test -C build
cat build/report.txt
omp2wasi run build/report
