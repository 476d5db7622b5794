//! Programs that look into the runtime library: each of `tests/shim` is compiled with the library's own headers, checks its records and
//! the protocols that they say they have, and prints `ok`.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use support::{files, omp2wasi, root, scratch, stem, succeed};

fn main() {
    let arguments = Arguments::from_args();
    let sources = files(&root().join("tests/shim"), "c").into_iter();
    let trials = sources.map(|source| Trial::test(stem(&source), move || program(&source))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs on teams that have a processor for each thread, as far as they know, and on others: they wait in other ways.
fn program(source: &Path) -> Result<(), Failed> {
    let module = scratch(&format!("shim-{}", stem(source))).join("program.wasm");
    let mut compiler = omp2wasi();
    compiler.args(["cc", "-fopenmp", "-O2", "-Wall", "-Wextra", "-Werror"]);
    for headers in ["shim/src", "shim/include"] {
        compiler.arg("-I").arg(root().join(headers));
    }
    succeed(compiler.arg(source).arg("-o").arg(&module))?;
    for processors in ["1", "8"] {
        let printed = succeed(omp2wasi().args(["run", "--procs", processors]).arg(&module))?;
        if printed != "ok\n" {
            return Err(format!("with --procs {processors}:\n{printed}").into());
        }
    }
    Ok(())
}
