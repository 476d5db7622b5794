# needs: pkg-config
mkdir lib
omp2wasi cc -O2 -c terms.c
ar rc lib/libterms.a terms.o
printf 'Name: terms\nDescription: terms of a sum\nVersion: 1\nLibs: -L%s/lib -lterms -lm\nCflags: -I%s\n' "$PWD" "$PWD" > lib/terms.pc
export PKG_CONFIG_LIBDIR="$PWD/lib"
pkg-config --exists zlib || echo "no library of another machine"
echo '#define SIZEOF_LONG 4' > config.h
omp2wasi cc -O2 -fopenmp report.c $(pkg-config --cflags --libs terms) -o report
omp2wasi run report
