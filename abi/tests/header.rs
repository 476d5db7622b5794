//! `shim/include/omp2wasi/abi.h` is what this crate prints. `BLESS=1` writes it. The test is here and not in the shim's crate, which
//! does not build while the file lacks something.

#[test]
fn abi_header_is_in_step() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shim/include/omp2wasi/abi.h");
    let expected = omp2wasi_abi::header::c_header();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{path} is out of step: run the tests with BLESS=1");
}
