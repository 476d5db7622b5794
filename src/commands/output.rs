//! Everything that the command line itself writes: text on standard output, messages on standard error, files.
//!
//! Invariant: nothing here panics. What standard output or a file does not take is an error; what standard error does not take is lost,
//! because there is nowhere else to say it. All text is escaped (see [`escape`]) on its way out.
//!
//! A reader that goes away ends the process by SIGPIPE, as it does a native one.

use anyhow::{Context, Result, bail};
use std::fmt::Display;
use std::fs::{self, Permissions};
use std::io::{ErrorKind, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub mod escape;

/// Writes text to standard output, at once.
pub fn print(text: &str) -> Result<()> {
    to_standard_output(escape::text(text).as_bytes())
}

/// Writes a message to standard error, with a line feed after it; see [`escape::message`].
pub fn message(message: impl Display) {
    eprint(&(escape::message(&message.to_string()) + "\n"));
}

/// Writes a short message to standard error if it takes some now: whoever does not read does not hold up the caller.
pub fn message_if_read(message: impl Display) {
    let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one valid record, which is only looked at for the time of the call. A pipe that is ready takes some thousand bytes.
    if unsafe { libc::poll(&raw mut stderr, 1, 0) } == 1 {
        self::message(message);
    }
}

/// Writes text to standard error that is to be seen in full.
pub fn eprint(text: &str) {
    // In one piece, because several threads may have something to say. There is no other place to report a failure to.
    let _ = std::io::stderr().write_all(escape::text(text).as_bytes());
}

fn to_standard_output(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).context("cannot write to standard output")
}

/// The permissions of a file that is written.
#[derive(Clone, Copy)]
pub enum Mode {
    /// These, less what the umask takes away.
    New(u32),
    /// Those of the file that it takes the place of; else as a new file's that anybody may read and write.
    Kept,
}

/// Writes a file; `-` is standard output.
///
/// A regular file appears complete or not at all: it is written beside its place and renamed, and what stood there before stays until
/// then. Where nothing can be written beside it, it is written in place. A link stays a link. What is not a regular file (`/dev/null`, a
/// pipe) is written to and never replaced.
pub fn write(path: &Path, bytes: &[u8], mode: Mode) -> Result<()> {
    if path == Path::new("-") {
        if std::io::stdout().is_terminal() {
            bail!("standard output is a terminal, and a module is not for reading; name a file");
        }
        return to_standard_output(bytes);
    }
    let failed = || format!("cannot write {}", escape::path(path));
    let Some(file) = replaceable(path) else {
        return fs::write(path, bytes).with_context(failed);
    };
    let dir = parent(&file);
    // Asked for by itself, because the error would otherwise name a file that nobody has heard of.
    fs::metadata(dir).with_context(failed)?;
    let (new, kept) = match mode {
        Mode::New(mode) => (mode, None),
        Mode::Kept => (0o666, fs::metadata(&file).ok().map(|data| data.permissions().mode() & 0o777)),
    };
    let mut builder = tempfile::Builder::new();
    let temp = match builder.prefix(".omp2wasi-").permissions(Permissions::from_mode(new)).tempfile_in(dir) {
        // A folder in which files cannot be made or removed, but this one can be written.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied) && file.exists() => {
            return fs::write(&file, bytes).with_context(failed);
        }
        temp => temp.with_context(failed)?,
    };
    if let Some(mode) = kept {
        temp.as_file().set_permissions(Permissions::from_mode(mode)).with_context(failed)?;
    }
    temp.as_file().write_all(bytes).with_context(failed)?;
    temp.persist(&file).map_err(|error| error.error).with_context(failed)?;
    Ok(())
}

/// The file that stands at a path, or that is to stand there; none if it must not be replaced by another.
fn replaceable(path: &Path) -> Option<PathBuf> {
    /// Deeper chains than this are cycles; Linux follows 40.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        let dir = parent(&path);
        // The links in there (`/dev/stdout` leads to one) stand for open files, not for names.
        if dir.canonicalize().is_ok_and(|dir| dir.starts_with("/proc")) {
            return None;
        }
        path = dir.join(target);
    }
    match fs::metadata(&path) {
        Ok(data) => data.is_file().then_some(path),
        // Of a cycle of links the system knows what to say.
        Err(_) => (!path.is_symlink()).then_some(path),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, symlink};

    #[test]
    fn a_file_is_replaced_and_nothing_left_beside_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.out");
        fs::write(&path, "old and longer").unwrap();
        write(&path, b"new", Mode::New(0o700)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        // More than any umask leaves.
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        write(&path, b"newer", Mode::Kept).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o777);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_and_the_file_behind_it_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let [file, link, other] = ["file", "link", "other"].map(|name| temp.path().join(name));
        fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        symlink(&link, &other).unwrap();
        write(&other, b"new", Mode::New(0o600)).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink() && other.is_symlink());
        // One that leads nowhere gets its file, one that leads to itself is an error.
        fs::remove_file(&file).unwrap();
        write(&link, b"newer", Mode::New(0o600)).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"newer");
        let cycle = temp.path().join("cycle");
        symlink("cycle", &cycle).unwrap();
        assert!(write(&cycle, b"", Mode::New(0o600)).is_err());
        assert!(cycle.is_symlink());
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
        write(&path, b"x", Mode::New(0o755)).unwrap();
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
        let mut byte = [0];
        pipe.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");
    }

    #[test]
    fn an_open_file_of_a_process_is_written_to() {
        use std::os::fd::AsRawFd;
        let temp = tempfile::tempdir().unwrap();
        let mut file = File::options().read(true).write(true).create_new(true).open(temp.path().join("file")).unwrap();
        let link = temp.path().join("stdout");
        symlink(format!("/proc/self/fd/{}", file.as_raw_fd()), &link).unwrap();
        write(&link, b"x", Mode::New(0o755)).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "x");
        assert!(link.is_symlink());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = write(Path::new("no/such/folder/a.out"), b"", Mode::New(0o755)).unwrap_err();
        assert_eq!(format!("{error:#}"), "cannot write no/such/folder/a.out: No such file or directory (os error 2)");
    }
}
