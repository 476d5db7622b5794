# needs: ccache
export CCACHE_DIR="$PWD/ccache" CCACHE_COMPILERCHECK="%compiler% --version"
for time in first second; do
  ccache omp2wasi-clang -O2 -c terms.c
  ccache --print-stats | grep direct_cache_hit
done
