#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omp2wasi_fuzz::driver::run(data));
