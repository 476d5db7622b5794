//! `include/omp2wasi/abi.h` is what the crate omp2wasi-abi prints. `BLESS=1` writes it.

#[test]
fn abi_header_is_in_step() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/include/omp2wasi/abi.h");
    let expected = omp2wasi_abi::header::c_header();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{path} is out of step: run the tests with BLESS=1");
}
