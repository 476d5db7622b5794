//! The local C compiler: finds clang, and has it make a library of a text.
//!
//! Text and object code are in memory files; the linker, which wants files and a folder, gets a private one for as long as it runs.
//!
//! Invariant: the command line is fixed, and the environment is ours: nothing of the program that is to run, and of the user no more than where
//! programs are, has influence on what comes out.

use super::NativeError;
use super::running::Running;
use rustix::fs::MemfdFlags;
use rustix::process::Resource;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Compilers that are looked for, the best first.
const NAMES: [&str; 5] = ["clang-22", "clang-21", "clang-20", "clang-19", "clang"];

/// How the text is compiled. Frame pointers, calls that stay calls, and prologues at the beginning are for backtraces; the others say what C
/// does not promise and wasm does, or what does not matter to it. Large frames touch each of their pages, so that none reaches beyond the guard
/// page of a stack.
pub const FLAGS: [&str; 25] = [
    "--no-default-config",
    "-x",
    "c",
    "-std=gnu11",
    "-O3",
    MACHINE,
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-builtin",
    "-fno-strict-aliasing",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-finite-loops",
    "-fno-delete-null-pointer-checks",
    "-fno-stack-protector",
    "-fstack-clash-protection",
    "-fno-omit-frame-pointer",
    // Where it faults, a function that calls none would be taken for its caller without.
    "-mno-omit-leaf-frame-pointer",
    "-fno-optimize-sibling-calls",
    "-mllvm",
    "-enable-shrink-wrap=false",
    "-gline-tables-only",
    "-fdebug-compilation-dir=.",
    "-w",
];

/// For the processor that it runs on.
const MACHINE: &str = if cfg!(target_arch = "aarch64") { "-mcpu=native" } else { "-march=native" };

/// What LLVM should not think of it: that gathers and scatters are cheap, which are slower than loads and stores of single values where they
/// are kept from telling what other programs had in the caches (Intel's Downfall); that three summands make an address slow; that vectors
/// of 512 bits pay, for which many processors slow down. A clang that knows nothing of the two features goes on without them.
const TUNING: &[&str] = if cfg!(target_arch = "x86_64") {
    &[
        "-mtune=generic",
        "-mprefer-vector-width=256",
        "-Xclang",
        "-target-feature",
        "-Xclang",
        "+prefer-no-gather",
        "-Xclang",
        "-target-feature",
        "-Xclang",
        "+prefer-no-scatter",
    ]
} else {
    &[]
};

/// How long compiling may take. Less, in processor time, is what a compiler may take that runs beside a program.
const LIMIT: Duration = Duration::from_secs(600);

/// Bytes that a compiler may take: who writes a module has influence on how many it wants.
const MAX_MEMORY: u64 = 4 << 30;

/// The largest library.
const MAX_SIZE: u64 = 256 << 20;

/// A compiler of this machine.
pub(crate) struct Compiler {
    path: PathBuf,
    /// Changes when another compiler is installed there.
    identity: String,
}

impl Compiler {
    /// The compiler at `path`, or else the newest that is installed.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(path: Option<&Path>) -> Result<Self, NativeError> {
        let path = match path {
            // It is started in another folder.
            Some(path) if path.components().count() > 1 => std::path::absolute(path)?,
            Some(name) => in_path(name).ok_or_else(|| NativeError::Unusable {
                path: name.to_owned(),
                reason: std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such program in PATH"),
            })?,
            None => NAMES.iter().find_map(|name| in_path(Path::new(name))).ok_or(NativeError::NoCompiler)?,
        };
        let identity = (|| {
            let path = path.canonicalize()?;
            let data = path.metadata()?;
            let (size, time, nanoseconds) = (data.size(), data.mtime(), data.mtime_nsec());
            Ok(format!("{} {} {} {size} {time}.{nanoseconds}", path.display(), data.dev(), data.ino()))
        })();
        match identity {
            Ok(identity) => Ok(Self { path, identity }),
            Err(reason) => Err(NativeError::Unusable { path, reason }),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All that what it makes of a text depends on, beside the text and the flags that come with it; `None` if that is not known, and nothing
    /// should be kept.
    pub(crate) fn identity(&self) -> Option<String> {
        Some(format!("{}\n{}\n{}\n{}", self.identity, FLAGS.join(" "), TUNING.join(" "), processor()?))
    }

    /// Makes a library of a text. It is given up when `is_over` says so.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) fn compile(
        &self,
        text: &str,
        flags: &[&'static str],
        is_over: &dyn Fn() -> bool,
    ) -> Result<(Vec<u8>, String), NativeError> {
        let (mut object, mut messages) = (memory_file()?, memory_file()?);
        let mut source = memory_file()?;
        source.write_all(text.as_bytes())?;
        source.rewind()?;
        let mut compile = self.command();
        compile.args(FLAGS).args(TUNING).args(flags).args(["-c", "-o", "-", "-"]);
        compile.stdin(source).stdout(object.try_clone()?).stderr(messages.try_clone()?);
        self.run(compile, &mut messages, is_over)?;

        let folder = tempfile::Builder::new()
            .prefix("omp2wasi-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()?;
        std::fs::write(folder.path().join("unit.o"), contents(&mut object)?)?;
        let mut link = self.command();
        link.current_dir(&folder).env("TMPDIR", folder.path());
        link.args(["--no-default-config", "-shared", "-o", "unit.so", "unit.o"]);
        link.stdin(Stdio::null()).stdout(Stdio::null()).stderr(messages.try_clone()?);
        self.run(link, &mut messages, is_over)?;
        let library = File::open(folder.path().join("unit.so")).and_then(|mut file| contents(&mut file));
        let library = library.map_err(|error| self.failed(&format!("no library: {error}"), &mut messages))?;
        let messages = String::from_utf8_lossy(&contents(&mut messages)?).into_owned();
        Ok((library, messages))
    }

    /// The compiler without arguments, in an environment where it finds its linker.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let absolute = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
        command.env_clear().env("PATH", std::env::join_paths(absolute).unwrap_or_default()).env("LC_ALL", "C");
        command.current_dir("/");
        command
    }

    fn run(&self, mut command: Command, messages: &mut File, is_over: &dyn Fn() -> bool) -> Result<(), NativeError> {
        let deadline = Instant::now() + LIMIT;
        let limits = [
            (Resource::Cpu, LIMIT.as_secs()),
            (Resource::As, MAX_MEMORY),
            (Resource::Fsize, MAX_SIZE),
            (Resource::Core, 0),
        ];
        let unusable = |reason| NativeError::Unusable { path: self.path.clone(), reason };
        let running = Running::start(&mut command, limits).map_err(unusable)?;
        let mut pause = Duration::from_millis(1);
        while !running.has_ended()? {
            if is_over() {
                return Err(NativeError::Ended);
            }
            if Instant::now() > deadline {
                return Err(NativeError::Time { path: self.path.clone(), limit: LIMIT });
            }
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        let status = running.finish()?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string(), messages)) }
    }

    fn failed(&self, status: &str, messages: &mut File) -> NativeError {
        let messages = contents(messages).unwrap_or_default();
        NativeError::Compiler {
            path: self.path.clone(),
            status: status.to_owned(),
            messages: String::from_utf8_lossy(&messages).into_owned(),
        }
    }
}

fn memory_file() -> std::io::Result<File> {
    Ok(rustix::fs::memfd_create(c"omp2wasi-compiler", MemfdFlags::CLOEXEC)?.into())
}

/// All that is in a file.
fn contents(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MAX_SIZE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A program of the search path.
fn in_path(name: &Path) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        path.is_absolute() && path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(is_program)
}

/// What the processor is and can do: code for one may not run on another. `None` where that is not known.
#[cfg(target_arch = "x86_64")]
fn processor() -> Option<String> {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    let basic = __cpuid(1);
    // Without the part that numbers the processors of a machine.
    let mut words = vec![basic.eax, basic.ecx, basic.edx];
    for leaf in [__cpuid(0), __cpuid_count(7, 0), __cpuid_count(7, 1), __cpuid_count(0xd, 1), __cpuid(0x8000_0001)] {
        words.extend([leaf.eax, leaf.ebx, leaf.ecx, leaf.edx]);
    }
    // The operating system's part in it.
    words.push(
        u32::from(std::arch::is_x86_feature_detected!("avx"))
            | u32::from(std::arch::is_x86_feature_detected!("avx512f")) << 1,
    );
    Some(words.iter().map(|word| format!("{word:08x}")).collect())
}

/// What the processor is and can do: code for one may not run on another. `None` where that is not known.
#[cfg(not(target_arch = "x86_64"))]
fn processor() -> Option<String> {
    let model = std::fs::read_to_string("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1").ok()?;
    // SAFETY: it reads what the kernel has told this process.
    let (first, second) = unsafe { (libc::getauxval(libc::AT_HWCAP), libc::getauxval(libc::AT_HWCAP2)) };
    Some(format!("{} {first:x} {second:x}", model.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_call_none_have_frames() {
        let compiler = Compiler::find(None).unwrap();
        for (machine, frame) in [("x86_64-linux-gnu", "pushq\t%rbp"), ("aarch64-linux-gnu", "stp\tx29, x30")] {
            let folder = tempfile::tempdir().unwrap();
            let source = folder.path().join("leaf.c");
            std::fs::write(&source, "void leaf(char *p) { *p = 1; }").unwrap();
            let flags = FLAGS.iter().filter(|flag| **flag != MACHINE);
            let mut command = compiler.command();
            command.args(flags).arg(format!("--target={machine}")).args(["-S", "-o", "-"]).arg(source);
            let output = command.output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            // A clang need not have other machines.
            let is_own = machine.starts_with(std::env::consts::ARCH);
            assert!(text.contains(frame) || !is_own && !output.status.success(), "{text}");
        }
    }
}
