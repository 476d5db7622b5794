//! Runs clang and wasm-ld, or shows how they would be run.
//!
//! Invariant: an interrupt ends the program that runs, and then the driver in its own time, so that what it has put into
//! temporary folders is removed; no interrupt is lost between two programs.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The signal that came, or 0.
static CAUGHT: AtomicI32 = AtomicI32::new(0);
/// The process id of the program that runs, or 0.
static RUNNING: AtomicI32 = AtomicI32::new(0);

/// A program with its arguments.
#[derive(Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
}

/// How a program ended: the status for our own caller.
pub type Status = u8;

/// What a program said that was asked something.
#[derive(Debug)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Program {
    /// A program without arguments.
    pub fn new(path: &Path) -> Self {
        Program { path: path.to_owned(), args: Vec::new() }
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl Into<OsString>) -> &mut Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<T: Into<OsString>>(&mut self, args: impl IntoIterator<Item = T>) -> &mut Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The command as a shell would take it.
    pub fn quoted(&self) -> String {
        let words = std::iter::once(self.path.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        words.map(quote).collect::<Vec<_>>().join(" ")
    }

    /// Runs with our own standard streams.
    pub fn run(&self) -> Result<Status> {
        self.finish(self.spawn(Command::new(&self.path).args(&self.args))?)
    }

    /// Runs and returns what it wrote to standard error, which is for the caller to pass on.
    pub fn run_reading_errors(&self) -> Result<(Status, String)> {
        self.run_piped(Command::new(&self.path).args(&self.args))
    }

    fn run_piped(&self, command: &mut Command) -> Result<(Status, String)> {
        let mut child = self.spawn(command.stderr(Stdio::piped()))?;
        let mut errors = Vec::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_end(&mut errors).context("the linker's messages cannot be read")?;
        }
        let status = self.finish(child)?;
        Ok((status, String::from_utf8_lossy(&errors).into_owned()))
    }

    /// Asks the program something: runs it without input, and returns what it says. One that has not ended within `patience` is
    /// killed, and that is an error.
    pub fn ask(&self, patience: Duration) -> Result<Answer> {
        let deadline = Instant::now() + patience;
        let mut command = Command::new(&self.path);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.spawn(&mut command)?;
        let said = listen(&mut child, deadline);
        if !matches!(said, Ok(Some(_))) {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
        }
        let status = self.finish(child)?;
        match said? {
            Some([stdout, stderr]) => Ok(Answer { status, stdout, stderr }),
            None if interrupted().is_some() => bail!("interrupted"),
            None => bail!("it did not answer within {} s", patience.as_secs_f32()),
        }
    }

    fn spawn(&self, command: &mut Command) -> Result<Child> {
        let child = command.spawn().with_context(|| format!("{} cannot be run", self.path.display()))?;
        RUNNING.store(child.id() as i32, Ordering::SeqCst);
        // A signal that came before the id was known has not been passed on.
        let signal = CAUGHT.load(Ordering::SeqCst);
        if signal != 0 {
            pass_on(signal);
        }
        Ok(child)
    }

    fn finish(&self, mut child: Child) -> Result<Status> {
        let status = child.wait();
        RUNNING.store(0, Ordering::SeqCst);
        let status = status.with_context(|| format!("{} cannot be waited for", self.path.display()))?;
        Ok(match (status.code(), status.signal()) {
            (Some(code), _) => u8::try_from(code).unwrap_or(1),
            (None, Some(signal)) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
            (None, None) => 1,
        })
    }
}

/// What a program writes to standard output and to standard error until it ends, or none if it has not ended at the deadline. By
/// threads, which are left behind then: other programs that it has started may hold its streams open for as long as they like.
fn listen(child: &mut Child, deadline: Instant) -> Result<Option<[String; 2]>> {
    /// How often to look whether an interrupt came.
    const LISTENING: Duration = Duration::from_millis(50);
    /// How often to look whether the program has ended, once its streams are closed: most have done so at once.
    const ENDING: Duration = Duration::from_micros(100);
    let (sender, receiver) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for (at, stream) in streams.into_iter().enumerate() {
        let sender = sender.clone();
        let read = move || {
            let mut bytes = Vec::new();
            // What could be read is what it said.
            let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
            let _ = sender.send((at, String::from_utf8_lossy(&bytes).into_owned()));
        };
        thread::Builder::new().spawn(read).context("no thread can be started")?;
    }
    let mut said = [None, None];
    loop {
        if let [Some(stdout), Some(stderr)] = &mut said {
            if child.try_wait()?.is_some() {
                return Ok(Some([std::mem::take(stdout), std::mem::take(stderr)]));
            }
            thread::sleep(ENDING);
        } else if let Ok((at, text)) = receiver.recv_timeout(LISTENING) {
            said[at] = Some(text);
        }
        if Instant::now() >= deadline || interrupted().is_some() {
            return Ok(None);
        }
    }
}

/// The status to end with when a signal asked for it.
pub fn interrupted() -> Option<Status> {
    let signal = CAUGHT.load(Ordering::SeqCst);
    (signal != 0).then(|| 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)))
}

/// Catches the signals that end a program, from here on.
pub fn catch_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: `catch` calls only what is safe in a signal handler (atomics, kill). The zeroed `sigaction`s are
            // valid values of that plain C struct, and are filled before they are used.
            unsafe {
                let mut old: libc::sigaction = std::mem::zeroed();
                let mut new: libc::sigaction = std::mem::zeroed();
                new.sa_sigaction = catch as extern "C" fn(libc::c_int) as libc::sighandler_t;
                new.sa_flags = libc::SA_RESTART;
                libc::sigaction(signal, &new, &mut old);
                // `nohup` and a shell's `&` start us with the signal ignored; so it stays.
                if old.sa_sigaction == libc::SIG_IGN {
                    libc::sigaction(signal, &old, std::ptr::null_mut());
                }
            }
        }
    });
}

extern "C" fn catch(signal: libc::c_int) {
    /// How long the driver has to end in its own time, in seconds: it may be reading a pipe that nobody writes to.
    const PATIENCE: libc::c_uint = 5;
    CAUGHT.store(signal, Ordering::SeqCst);
    if RUNNING.load(Ordering::SeqCst) == 0 {
        // SAFETY: alarm takes no pointers. Its signal ends the process.
        unsafe { libc::alarm(PATIENCE) };
    }
    pass_on(signal);
}

/// Sends a signal to the program that runs. The terminal sends it to the whole group, but `kill` and make do not.
fn pass_on(signal: libc::c_int) {
    let pid = RUNNING.load(Ordering::SeqCst);
    if pid > 0 {
        // SAFETY: kill takes no pointers, and leaves errno changed at worst, which the waiting thread does not read
        // unless its own call fails.
        unsafe { libc::kill(pid, signal) };
    }
}

/// Quotes a word for the shell, when it needs that.
fn quote(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./,:@%^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        let mut program = Program::new(Path::new("sh"));
        program.args(["-c", script]);
        program
    }

    #[test]
    fn status_is_the_programs_own() {
        assert_eq!(shell("exit 0").run().unwrap(), 0);
        assert_eq!(shell("exit 7").run().unwrap(), 7);
        assert_eq!(shell("kill -9 $$").run().unwrap(), 137);
    }

    #[test]
    fn errors_are_read() {
        let (status, errors) = shell("printf 'went wrong' >&2; exit 3").run_reading_errors().unwrap();
        assert_eq!((status, errors.as_str()), (3, "went wrong"));
    }

    #[test]
    fn answers_are_read() {
        let answer = shell("printf out; printf err >&2; exit 3").ask(Duration::from_secs(60)).unwrap();
        assert_eq!((answer.status, answer.stdout.as_str(), answer.stderr.as_str()), (3, "out", "err"));
        let long =
            shell("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2").ask(Duration::from_secs(60)).unwrap();
        assert_eq!((long.stdout.len(), long.stderr.len()), (1_000_000, 1_000_000));
    }

    #[test]
    fn who_does_not_answer_is_killed() {
        // It says nothing; something that it has started keeps its streams open; it says something, but does not end.
        for script in ["exec sleep 60", "sleep 60 & wait", "sleep 60 & exit 0", "exec >&- 2>&-; exec sleep 60"] {
            let begin = Instant::now();
            let error = shell(script).ask(Duration::from_millis(250)).unwrap_err();
            assert_eq!(error.to_string(), "it did not answer within 0.25 s", "{script}");
            assert!(begin.elapsed() < Duration::from_secs(20), "{script}");
        }
    }

    #[test]
    fn a_program_that_is_not_there() {
        let error = Program::new(Path::new("/no/such/program")).run().unwrap_err();
        assert!(error.to_string().contains("/no/such/program cannot be run"));
    }

    #[test]
    fn quoting_survives_the_shell() {
        let words = ["plain", "a b", "it's", "$HOME", "", "-DX=\"1\"", "a\\b", "*"];
        let mut echo = Program::new(Path::new("printf"));
        echo.arg("%s|").args(words);
        let output = Command::new("sh").args(["-c", &echo.quoted()]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), words.map(|w| format!("{w}|")).concat());
        assert!(echo.quoted().contains(" plain "), "{}", echo.quoted());
    }
}
