//! Inputs of fuzz targets as files: makes the seeds a corpus, and runs files again without a fuzzer.
//!
//! Invariant: a file's name follows from what is in it, so seeds that a corpus has already are not added again.

use omp2wasi_fuzz::{TARGETS, Target};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: omp2wasi-fuzz seeds TARGET FOLDER | omp2wasi-fuzz run TARGET FILE...";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let target = |name: &String| TARGETS.iter().find(|target| target.name == name);
    let result = match &arguments[..] {
        [command, name, folder] if command == "seeds" => target(name).map(|target| seeds(target, Path::new(folder))),
        [command, name, files @ ..] if command == "run" => target(name).map(|target| run(target, files)),
        _ => None,
    };
    match result {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("omp2wasi-fuzz: {error}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn seeds(target: &Target, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for seed in (target.seeds)() {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        std::fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), seed)?;
    }
    Ok(())
}

fn run(target: &Target, files: &[String]) -> std::io::Result<()> {
    for file in files {
        println!("{file}");
        (target.run)(&std::fs::read(file)?);
    }
    Ok(())
}
