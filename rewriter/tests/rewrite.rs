//! Data-file tests of the rewriter: `data/NAME.wat` is rewritten, and the result compared with `data/NAME.out.wat`, which `BLESS=1`
//! writes. What is refused must be called `refused_*`; its `.out.wat` is the message. A line `;; portable` asks for `--portable`.
//!
//! Whatever the file, the same input gives the same bytes, a rewritten module comes back as it is (or portable), and no name of a
//! function is lost; and no damaged input makes the rewriter panic, or put out something that is not valid.

use libtest_mimic::{Arguments, Failed, Trial};
use omp2wasi_rewriter::{Error, Options, Rewritten, claims, rewrite};
use std::path::{Path, PathBuf};
use wasmparser::{Parser, Payload};

#[path = "../../tests/support/names.rs"]
mod names;
use names::function_names;

fn main() {
    let arguments = Arguments::from_args();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&data)
        .expect("the data folder is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".wat") && !path.to_string_lossy().ends_with(".out.wat"))
        .collect();
    files.sort();
    let mut trials = Vec::new();
    for file in files {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("refused_") {
            trials.push(Trial::test(name, move || refused(&file)));
        } else {
            let (again, damaged) = (file.clone(), file.clone());
            trials.push(Trial::test(name.clone(), move || rewritten(&file)));
            trials.push(Trial::test(format!("{name}::again"), move || again_and_portable(&again)));
            trials.push(Trial::test(format!("{name}::damaged"), move || damage(&damaged)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// The module of a file, and what its comments ask for.
fn read(file: &Path) -> Result<(Vec<u8>, Options), Failed> {
    let text = std::fs::read_to_string(file)?;
    let portable = text.lines().any(|line| line == ";; portable");
    Ok((wat::parse_str(&text)?, Options { portable }))
}

fn rewritten(file: &Path) -> Result<(), Failed> {
    let (wasm, options) = read(file)?;
    let Rewritten { wasm: found, manifest: said, .. } = rewrite(&wasm, &options)?;
    if claims(&found)?.map(|claims| claims.manifest).as_ref() != Some(&said) {
        return Err("the section says something else than the result".into());
    }
    if let Some(lost) = function_names(&wasm)?.difference(&function_names(&found)?).next() {
        return Err(format!("the name of {lost} is lost").into());
    }
    expect(&file.with_extension("out.wat"), &wasmprinter::print_bytes(&found)?)
}

fn refused(file: &Path) -> Result<(), Failed> {
    let (wasm, options) = read(file)?;
    match rewrite(&wasm, &options) {
        Ok(rewritten) => {
            Err(format!("it is not refused, but becomes\n{}", wasmprinter::print_bytes(&rewritten.wasm)?).into())
        }
        Err(error @ Error::Output(_)) => Err(error.to_string().into()),
        Err(error) => expect(&file.with_extension("out.wat"), &format!(";; {error}\n")),
    }
}

fn again_and_portable(file: &Path) -> Result<(), Failed> {
    let (wasm, options) = read(file)?;
    let first = rewrite(&wasm, &options)?;
    let second = rewrite(&wasm, &options)?;
    if first.wasm != second.wasm || first.manifest != second.manifest {
        return Err("the same input gives something else".into());
    }
    let again = rewrite(&first.wasm, &options)?;
    if first.wasm != again.wasm || first.manifest != again.manifest {
        return Err("a rewritten module does not come back as it is".into());
    }
    let portable = rewrite(&first.wasm, &Options { portable: true })?;
    if claims(&portable.wasm)?.map(|claims| claims.manifest).as_ref() != Some(&first.manifest) {
        return Err("--portable afterwards changes the section".into());
    }
    for payload in Parser::new(0).parse_all(&portable.wasm) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                let import = import?;
                if import.module == "omp2wasi" {
                    return Err(format!("{} is still imported after --portable", import.name).into());
                }
            }
        }
    }
    Ok(())
}

/// Cuts the module off everywhere, and changes each byte in several ways. A panic fails the test by itself.
fn damage(file: &Path) -> Result<(), Failed> {
    let (wasm, options) = read(file)?;
    let check = |wasm: &[u8], what: String| match rewrite(wasm, &options) {
        Err(error @ Error::Output(_)) => {
            Err(Failed::from(format!("{what}: {error}\n{}", wasmprinter::print_bytes(wasm)?)))
        }
        _ => Ok(()),
    };
    for len in 0..wasm.len() {
        check(&wasm[..len], format!("the first {len} bytes"))?;
    }
    for at in 0..wasm.len() {
        for change in [0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff] {
            let mut wasm = wasm.clone();
            wasm[at] ^= change;
            check(&wasm, format!("byte {at} ^ {change:#x}"))?;
        }
    }
    Ok(())
}

fn expect(path: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("BLESS").is_some() {
        return Ok(std::fs::write(path, found)?);
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let path = path.display();
    Err(format!("{path} differs (BLESS=1 accepts)\n--- expected\n{expected}\n--- found\n{found}").into())
}
