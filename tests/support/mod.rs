//! What the test binaries share: running commands with a watchdog, and expected output with a bless variable.
#![allow(dead_code)] // each test binary uses a part

use libtest_mimic::Failed;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The binary under test.
pub fn omp2wasi() -> Command {
    Command::new(env!("CARGO_BIN_EXE_omp2wasi"))
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for this test alone, empty, inside cargo's.
pub fn scratch(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the scratch folder can be made");
    dir
}

/// A hang is a failure, not a lost test run. Far above what anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs a command to its end and returns what it printed; kills it when it hangs.
pub fn output(command: &mut Command) -> Result<Output, Failed> {
    output_with_input(command, Stdio::null())
}

/// The same, with another limit on the time that it takes.
pub fn output_within(command: &mut Command, patience: Duration) -> Result<Output, Failed> {
    run(command, [Stdio::null(), Stdio::piped(), Stdio::piped()], patience)
}

/// The same, with something on its standard input.
pub fn output_with_input(command: &mut Command, input: Stdio) -> Result<Output, Failed> {
    output_with_streams(command, [input, Stdio::piped(), Stdio::piped()])
}

/// The same, with all three standard streams. Of an output that goes elsewhere nothing is returned.
pub fn output_with_streams(command: &mut Command, streams: [Stdio; 3]) -> Result<Output, Failed> {
    run(command, streams, PATIENCE)
}

fn run(command: &mut Command, streams: [Stdio; 3], patience: Duration) -> Result<Output, Failed> {
    let shown = format!("{command:?}");
    let [input, out, err] = streams;
    let mut child = command.stdin(input).stdout(out).stderr(err).spawn()?;
    fn read(stream: Option<impl Read + Send + 'static>) -> JoinHandle<std::io::Result<Vec<u8>>> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes)).map(|_| bytes)
        })
    }
    let readers = (read(child.stdout.take()), read(child.stderr.take()));
    let deadline = Instant::now() + patience;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill()?;
                return Err(format!("{shown} hangs").into());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let stdout = readers.0.join().expect("reading does not panic")?;
    let stderr = readers.1.join().expect("reading does not panic")?;
    Ok(Output { status, stdout, stderr })
}

/// Like [`output`], and the command must succeed.
pub fn succeed(command: &mut Command) -> Result<String, Failed> {
    let output = output(command)?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{}{}", output.status, text(&output.stdout), text(&output.stderr)).into());
    }
    Ok(text(&output.stdout))
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Compares with a file beside the test; `BLESS=1` writes it.
pub fn expect(path: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, found)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != found {
        return Err(format!(
            "{} differs (BLESS=1 accepts)\n--- expected\n{expected}\n--- found\n{found}",
            path.display()
        )
        .into());
    }
    Ok(())
}

/// The files of a folder with an extension, sorted.
pub fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .collect();
    files.sort();
    files
}

pub fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
