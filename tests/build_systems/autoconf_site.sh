# needs: autoconf
quietly autoconf
omp2wasi toolchain --autoconf > config.site
CONFIG_SITE=config.site quietly ./configure --host=wasm32-wasi
quietly make
omp2wasi run report
