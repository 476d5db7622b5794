//! Keeps the shim (headers and libomp2wasi.a) unpacked in a folder of the user's.
//!
//! Invariant: a folder under its final name is complete. It is written beside it under another name and renamed, so that
//! any number of drivers may install at once. The name has the digest of the contents, so that it never changes and
//! dependency files may name its headers.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::commands::shim::install;
use crate::commands::user_cache;
use omp2wasi_shim::FILES;

/// Files with their contents.
type Files = &'static [(&'static str, &'static [u8])];

/// The folder with `include/` and `lib/`, installed now if it was not there.
pub fn shim() -> Result<PathBuf> {
    let name = format!("shim-{}", omp2wasi_shim::digest());
    let in_cache = user_cache().and_then(|cache| {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&cache);
        made.with_context(|| format!("{}", cache.display()))?;
        check_owner(&cache, fs::metadata(&cache))?;
        unpack(&cache, &name, FILES, &install)
    });
    in_cache.or_else(|cause| {
        // No home, or one that cannot be written: a container, a build user.
        let temp = private_temp().with_context(|| format!("{cause:#}"))?;
        unpack(&temp, &name, FILES, &install)
    })
}

/// A folder of this user's under the temporary one. It stays, because dependency files may name it; and because anyone
/// can foresee its name, it is used only if no one else owns it or can write to it.
fn private_temp() -> Result<PathBuf> {
    // SAFETY: geteuid takes nothing and cannot fail.
    let user = unsafe { libc::geteuid() };
    // A relative TMPDIR, or an empty one, is no folder that could be found again.
    let temp = Some(std::env::temp_dir()).filter(|temp| temp.is_absolute()).unwrap_or_else(|| "/tmp".into());
    let dir = temp.join(format!("omp2wasi-{user}"));
    match fs::DirBuilder::new().mode(0o700).create(&dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| {
                format!("{} cannot be made; set XDG_CACHE_HOME to a folder that can be written", dir.display())
            });
        }
        _ => {}
    }
    // A link there would be somebody else's.
    check_owner(&dir, fs::symlink_metadata(&dir))?;
    Ok(dir)
}

/// Checks that a folder is this user's, and that nobody else can write to it: what lies there becomes part of programs.
fn check_owner(dir: &Path, data: io::Result<fs::Metadata>) -> Result<()> {
    // SAFETY: geteuid takes nothing and cannot fail.
    let user = unsafe { libc::geteuid() };
    let data = data.with_context(|| format!("{}", dir.display()))?;
    if !data.is_dir() || data.uid() != user || data.mode() & 0o022 != 0 {
        bail!("{} is not a folder of this user's alone; set XDG_CACHE_HOME", dir.display());
    }
    Ok(())
}

/// Whether the folder has all the files that it should have, unchanged: they may have been cleaned up in part, or damaged.
fn is_complete(dir: &Path, files: Files) -> bool {
    let is_good = |(name, contents): &(&str, &[u8])| {
        let path = dir.join(name);
        path.metadata().is_ok_and(|data| data.is_file() && data.len() == contents.len() as u64)
            && fs::read(path).is_ok_and(|found| found == *contents)
    };
    files.iter().all(is_good)
}

fn unpack(parent: &Path, name: &str, files: Files, install: &dyn Fn(&Path) -> Result<()>) -> Result<PathBuf> {
    let dir = parent.join(name);
    if is_complete(&dir, files) {
        return Ok(dir);
    }
    let failed = || format!("the OpenMP shim cannot be unpacked into {}", parent.display());
    fs::create_dir_all(parent).with_context(failed)?;
    let temp = tempfile::Builder::new().prefix(".new-").tempdir_in(parent).with_context(failed)?;
    let fresh = temp.path().join(name);
    fs::create_dir(&fresh).with_context(failed)?;
    install(&fresh).with_context(failed)?;
    if fs::rename(&fresh, &dir).is_err() && !is_complete(&dir, files) {
        // Not another driver that was faster, but the rest of a folder that something has cleaned up.
        let rest = temp.path().join("rest");
        // Either may fail because another driver does the same at the same time.
        let _ = fs::rename(&dir, &rest);
        let _ = fs::rename(&fresh, &dir);
    }
    if !is_complete(&dir, files) {
        bail!("{}: it is not complete", failed());
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::ffi::OsString;
    use std::os::unix::fs::PermissionsExt;

    const FILES: Files = &[("include/omp.h", b"new"), ("lib/libomp2wasi.a", b"new")];

    fn install(dir: &Path) -> Result<()> {
        fs::create_dir(dir.join("include"))?;
        fs::write(dir.join("include/omp.h"), "new")?;
        fs::create_dir(dir.join("lib"))?;
        Ok(fs::write(dir.join("lib/libomp2wasi.a"), "new")?)
    }

    fn entries(dir: &Path) -> Vec<OsString> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn unpacked_once_and_nothing_left_over() {
        let temp = tempfile::tempdir().unwrap();
        let parent = temp.path().join("deep/omp2wasi");
        let runs = Cell::new(0);
        let counted = |dir: &Path| {
            runs.set(runs.get() + 1);
            install(dir)
        };
        for _ in 0..3 {
            assert_eq!(unpack(&parent, "shim-1", FILES, &counted).unwrap(), parent.join("shim-1"));
        }
        assert_eq!(runs.get(), 1);
        assert_eq!(entries(&parent), ["shim-1"]);
    }

    #[test]
    fn a_folder_that_was_cleaned_up_in_part_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("shim-1/include")).unwrap();
        fs::write(temp.path().join("shim-1/include/omp.h"), "old").unwrap();
        let dir = unpack(temp.path(), "shim-1", FILES, &install).unwrap();
        assert_eq!(fs::read_to_string(dir.join("include/omp.h")).unwrap(), "new");
        assert_eq!(entries(temp.path()), ["shim-1"]);
    }

    #[test]
    fn damaged_files_are_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let dir = unpack(temp.path(), "shim-1", FILES, &install).unwrap();
        fs::write(dir.join("lib/libomp2wasi.a"), "now").unwrap();
        unpack(temp.path(), "shim-1", FILES, &install).unwrap();
        assert_eq!(fs::read_to_string(dir.join("lib/libomp2wasi.a")).unwrap(), "new");
        assert_eq!(entries(temp.path()), ["shim-1"]);
    }

    #[test]
    fn folders_of_others_are_not_used() {
        let temp = tempfile::tempdir().unwrap();
        fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(check_owner(temp.path(), fs::metadata(temp.path())).is_err());
        fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(check_owner(temp.path(), fs::metadata(temp.path())).is_ok());
    }

    #[test]
    fn another_driver_may_be_faster() {
        let temp = tempfile::tempdir().unwrap();
        let slow = |dir: &Path| {
            fs::create_dir(temp.path().join("shim-1"))?;
            install(&temp.path().join("shim-1"))?;
            fs::write(temp.path().join("shim-1/mark"), "other")?;
            install(dir)
        };
        let dir = unpack(temp.path(), "shim-1", FILES, &slow).unwrap();
        assert_eq!(fs::read_to_string(dir.join("mark")).unwrap(), "other");
    }

    #[test]
    fn a_failed_install_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let fail = |_: &Path| bail!("disk full");
        let error = unpack(temp.path(), "shim-1", FILES, &fail).unwrap_err();
        assert!(format!("{error:#}").contains("disk full"), "{error:#}");
        assert_eq!(entries(temp.path()), Vec::<OsString>::new());
    }
}
