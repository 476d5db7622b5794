//! Writes objects and programs.
//!
//! Invariant: a regular file appears complete or not at all; what stood there before stays until then. What is not a
//! regular file (`/dev/null`, a pipe) is written to and never replaced.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::BinaryReader;

/// Writes a file whose permissions are `mode`, less what the umask takes away.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    if path == Path::new("-") {
        return std::io::stdout().write_all(bytes).with_context(failed);
    }
    if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        return fs::write(path, bytes).with_context(failed);
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temp = tempfile::Builder::new()
        .prefix(".omp2wasi-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(dir)
        .with_context(failed)?;
    temp.write_all(bytes).with_context(failed)?;
    temp.persist(path).with_context(failed)?;
    Ok(())
}

/// Removes what `-s` removes: names and debugging information. Other custom sections stay, among them our manifest.
pub fn stripped(wasm: &[u8]) -> Result<Vec<u8>, wasmparser::Error> {
    let mut reader = BinaryReader::new(wasm, 0);
    let mut kept = reader.read_bytes(8)?.to_vec();
    while !reader.eof() {
        let start = reader.original_position();
        let is_custom = reader.read_u8()? == 0;
        let mut content = reader.read_reader()?;
        if !is_custom || !is_debugging(content.read_unlimited_string()?) {
            kept.extend_from_slice(&wasm[start..reader.original_position()]);
        }
    }
    Ok(kept)
}

fn is_debugging(section: &str) -> bool {
    matches!(section, "name" | "producers" | "sourceMappingURL" | "external_debug_info")
        || section.starts_with(".debug_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Read;
    use std::os::unix::fs::FileTypeExt;
    use wasm_encoder::{CustomSection, MemorySection, MemoryType, Module};

    #[test]
    fn a_file_is_replaced_and_nothing_left_beside_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.out");
        fs::write(&path, "old and longer").unwrap();
        write(&path, b"new", 0o700).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    }

    /// With a pipe of the test's own: were `write` wrong, then with the rights of root it would replace a device of the
    /// machine's.
    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        // Open for both, so that neither end waits for the other.
        let mut pipe = File::options().read(true).write(true).open(&path).unwrap();
        write(&path, b"x", 0o755).unwrap();
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
        let mut byte = [0];
        pipe.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = write(Path::new("no/such/folder/a.out"), b"", 0o755).unwrap_err();
        assert!(error.to_string().contains("no/such/folder/a.out cannot be written"), "{error}");
    }

    #[test]
    fn stripping_removes_names_and_dwarf_alone() {
        let module = |customs: &[&str]| {
            let mut module = Module::new();
            let mut memory = MemorySection::new();
            memory.memory(MemoryType {
                minimum: 1,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
            module.section(&memory);
            for &name in customs {
                module.section(&CustomSection { name: name.into(), data: vec![1; 200].into() });
            }
            module.finish()
        };
        let full = module(&["omp2wasi", ".debug_info", "name", "target_features", "producers"]);
        assert_eq!(stripped(&full).unwrap(), module(&["omp2wasi", "target_features"]));
        assert!(stripped(&full[..full.len() - 1]).is_err());
    }
}
