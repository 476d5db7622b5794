//! Carries out one command line: which programs run, with which flags, and what becomes of their outputs.
//!
//! Invariant: our flags come before the user's, so that theirs win, and each object is mended as soon as it is there.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::args::{Action, Invocation, Item, Source};
use super::exec::{self, Program, Status};
use super::toolchain::Toolchain;
use super::{
    dependent_iterations, flags, link, llvm_text, mismatches, misread, object, regions, remarks, scalar, strip,
};
use crate::commands::output::{self, Mode, escape};

/// A command line with everything that it takes to carry it out.
pub struct Driver {
    /// What the command line asks for.
    pub read: Invocation,
    /// The programs and folders that it takes.
    pub toolchain: Toolchain,
    /// The folder with the shim's `include` and `lib`.
    pub shim: PathBuf,
}

impl Driver {
    /// clang with our flags and the user's, which come after ours and win.
    fn clang(&self, quiet: bool) -> Program {
        self.clang_with(&self.read.clang_flags, quiet)
    }

    /// The same with other flags for the user's.
    fn clang_with(&self, user: &[OsString], quiet: bool) -> Program {
        let (sysroot, read) = (&self.toolchain.sysroot, &self.read);
        let mut program = Program::new(&self.toolchain.clang.path);
        // The user did not write these flags, and is not to be told that one of them has no use for this input.
        program.arg("--start-no-unused-arguments");
        // Even a target that a later one overrides is one that clang 22 warns of.
        let shim_flags = omp2wasi_shim::compile_flags();
        program.args(shim_flags.into_iter().filter(|flag| !flag.starts_with("--target=")));
        program.arg(format!("--target={}", self.toolchain.clang.triple()));
        if !read.no_std_include {
            // Our folder comes first: its headers stand in front of libc's and clang's of the same name.
            program.arg("-isystem").arg(self.shim.join("include"));
            program.arg("-isystem").arg(&sysroot.include);
        }
        program.args(link::emulated(sysroot).map(|(name, _)| format!("-D{name}")));
        if flags::has_openmp(user) {
            program.arg("-Xclang").arg(flags::TARGET_REGIONS);
        }
        let tuning = flags::tuning(user);
        for option in tuning {
            program.arg("-mllvm").arg(option);
        }
        if !tuning.is_empty() {
            // What does not fit is the least number then, as on x86, whichever clang it is: native code converts in one instruction.
            program.arg("-mno-nontrapping-fptoint");
        }
        if quiet {
            program.args(user.iter().cloned()).arg("--end-no-unused-arguments");
        } else {
            program.arg("--end-no-unused-arguments").args(user.iter().cloned());
        }
        program
    }

    /// Shows a command if it is to be shown, and says whether it is to be run.
    fn show(&self, command: &str) -> bool {
        if self.read.verbose || self.read.dry_run {
            output::eprint(&format!(" {command}\n"));
        }
        !self.read.dry_run
    }

    /// Preprocessing and the like: clang alone with all sources.
    pub fn clang_alone(&self) -> Result<Status> {
        let mut program = self.clang(false);
        let mut last: Option<&OsString> = None;
        for source in self.read.sources() {
            let language = source.language.as_ref();
            if language != last {
                program.arg("-x").arg(language.map_or(OsStr::new("none"), OsString::as_os_str));
                last = language;
            }
            program.arg(operand(&source.path));
        }
        if let Some(output) = &self.read.output {
            program.arg("-o").arg(output);
        }
        if self.show(&program.quoted()) { program.run() } else { Ok(0) }
    }

    /// `-c`: an object of each source.
    pub fn compile_all(&self) -> Result<Status> {
        let extension = if self.read.emit_llvm { "bc" } else { "o" };
        let mut first_failure = 0;
        for source in self.read.sources() {
            let named = self.read.output.as_ref().map(PathBuf::from);
            let object = named.unwrap_or_else(|| stem(source).with_extension(extension));
            let status = self.compile(source, &object, &[])?;
            if first_failure == 0 {
                first_failure = status;
            }
            if exec::interrupted().is_some() {
                break;
            }
        }
        Ok(first_failure)
    }

    /// Compiles one source to an object and mends it.
    fn compile(&self, source: &Source, object: &Path, more: &[OsString]) -> Result<Status> {
        let (is_c, is_preprocessed_here) = match &source.language {
            Some(language) => (language == "c" || language == "cpp-output", language == "c"),
            None => {
                let has = |wanted| source.path.extension().is_some_and(|extension| extension == wanted);
                (has("c") || has("i"), has("c"))
            }
        };
        // Clang's driver counts a flag as used when any of its jobs uses it. Here each job has its own driver, so flags
        // that are of use elsewhere would be reported.
        let mut program = self.clang(!is_c || self.read.action == Action::Link);
        let has_entry_points =
            is_preprocessed_here && flags::has_openmp(&self.read.clang_flags) && !self.read.no_std_include;
        let compile = |program: &mut Program, more: &[OsString], object: &Path| {
            if has_entry_points {
                program.arg("-include").arg(omp2wasi_shim::ENTRY_POINTS);
            }
            program.args(more.iter().cloned()).arg("-c");
            if let Some(language) = &source.language {
                program.arg("-x").arg(language);
            }
            program.arg(operand(&source.path)).arg("-o").arg(object);
        };
        compile(&mut program, more, object);
        if !self.show(&program.quoted()) {
            return Ok(0);
        }
        let status = program.run()?;
        if status == 0 {
            let first_step = |user: &[OsString], to: &Path| {
                let mut program = self.clang_with(user, true);
                compile(&mut program, &[], to);
                program.args(llvm_text::FIRST_STEP.iter().copied());
                program
            };
            let kept = if is_c { self.in_two_steps(source, object, &first_step)? } else { None };
            let other = |user: &[OsString], object: &Path| {
                let mut program = self.clang_with(user, true);
                program.args(scalar::FLAGS.iter().copied());
                match &kept {
                    Some((_, text)) => second_step(&mut program, text, object),
                    None => compile(&mut program, &[], object),
                }
                program
            };
            if is_c && !self.read.no_scalar {
                self.add_scalar_forms(source, object, &other)?;
            }
            mend(object)?;
            if is_c {
                self.warn_of_misreadings(source);
            }
        }
        Ok(status)
    }

    /// Compiles a source in two steps where clang's text has to be changed in between: so that the functions of target regions without teams
    /// stay, that regions say when their code for the host ends, and that iterations which depend on each other are not vectorized.
    /// Returns the text that clang has made the object of then, in its folder. `first_step` is the command that makes the text, with
    /// the user's flags that it is given.
    fn in_two_steps(
        &self,
        source: &Source,
        object: &Path,
        first_step: &dyn Fn(&[OsString], &Path) -> Program,
    ) -> Result<Option<(TempDir, PathBuf)>> {
        let user = scalar::silent(&self.read.clang_flags).filter(|_| source.path != Path::new("-"));
        let (Some(user), Some(bytes)) = (user, wasm_file(object)?) else { return Ok(None) };
        let has_directives = flags::has_openmp(&user) || user.iter().any(|flag| flag == "-fopenmp-simd");
        let may_have_others =
            has_directives && dependent_iterations::are_possible(&bytes, &fs::read(&source.path).unwrap_or_default());
        if !regions::may_have_regions(&bytes) && !may_have_others {
            return Ok(None);
        }
        let temp = temporary_folder()?;
        let path = temp.path().join("changed.ll");
        let run = |program: Program| -> Result<bool> {
            self.show(&program.quoted());
            let status = program.run()?;
            if status != 0 && exec::interrupted().is_none() {
                super::warn(&format!(
                    "{}: clang has compiled it, but fails when it does so in two steps: target regions that are no teams regions run on the \
                     host, and loops with dynamic schedules may be vectorized though their iterations depend on each other",
                    source.path.display()
                ));
            }
            Ok(status == 0)
        };
        if !run(first_step(&user, &path))? {
            return Ok(None);
        }
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        // It has the source's name in it, which may be no text.
        let Ok(text) = String::from_utf8(text) else { return Ok(None) };
        let text = llvm_text::readable(&text);
        let kept = regions::kept(&text);
        let unmarked = dependent_iterations::unmarked(kept.as_deref().unwrap_or(&text));
        let Some(changed) = unmarked.or(kept) else { return Ok(None) };
        fs::write(&path, changed).with_context(|| path.display().to_string())?;
        let mut program = self.clang_with(&user, true);
        second_step(&mut program, &path, object);
        if !run(program)? {
            if exec::interrupted().is_none() {
                // Where clang fails it removes what it was to write.
                output::write(object, &bytes, Mode::New(0o666))?;
            }
            return Ok(None);
        }
        Ok(Some((temp, path)))
    }

    /// Adds the scalar forms of its functions to an object that clang has just made. `compile` is the command that makes the object which
    /// has them, with the user's flags that it is given.
    fn add_scalar_forms(
        &self,
        source: &Source,
        object: &Path,
        compile: &dyn Fn(&[OsString], &Path) -> Program,
    ) -> Result<()> {
        let describe = || object.display().to_string();
        let Some(bytes) = wasm_file(object)? else { return Ok(()) };
        let mut other = None;
        let user = scalar::silent(&self.read.clang_flags).filter(|_| source.path != Path::new("-"));
        if let Some(user) = user
            && !flags::tuning(&user).is_empty()
            && scalar::may_differ(&bytes).with_context(describe)?
        {
            let temp = temporary_folder()?;
            let path = temp.path().join("scalar.o");
            let program = compile(&user, &path);
            self.show(&program.quoted());
            let status = program.run()?;
            if exec::interrupted().is_some() {
                return Ok(());
            }
            if status != 0 {
                bail!(
                    "{}: clang has compiled it, but fails when it does not vectorise; -fno-omp2wasi-scalar leaves that out",
                    source.path.display()
                );
            }
            other = wasm_file(&path)?;
        }
        let mut allowed = scalar::float_flags(&self.read.clang_flags);
        if fs::read(&source.path).is_ok_and(|text| scalar::has_own_rules(&text)) {
            allowed = 0;
        }
        match scalar::merged(&bytes, other.as_deref(), allowed).with_context(describe)? {
            Some(merged) => output::write(object, &merged, Mode::New(0o666)),
            None => Ok(()),
        }
    }

    /// Says what clang has misread in a source that it has compiled.
    fn warn_of_misreadings(&self, source: &Source) {
        let (flags, version) = (&self.read.clang_flags, self.toolchain.clang.version);
        let is_quiet = flags.iter().any(|flag| flag == "-w");
        let is_suspect = || fs::read(&source.path).is_ok_and(|text| misread::is_suspect(&text, version));
        if is_quiet || !flags::has_openmp(flags) || !is_suspect() {
            return;
        }
        let mut program = self.clang(true);
        if let Some(language) = &source.language {
            program.arg("-x").arg(language);
        }
        program.arg(operand(&source.path));
        for warning in misread::warnings(program, version) {
            super::warn(&format!("{}: {warning}", source.path.display()));
        }
    }

    /// Compiles the sources of the command line, links them with its objects and libraries, and rewrites the result.
    pub fn link(&self) -> Result<Status> {
        let read = &self.read;
        let linker = self.toolchain.linker.as_ref().context("no linker was looked for")?;
        let temp = temporary_folder()?;
        let mut inputs = link::Inputs::default();
        // What wasm-ld calls files that are in the temporary folder, and what the user calls them.
        let mut names: Vec<(String, String)> = Vec::new();
        let mut name = |copy: &Path, path: &Path| names.push((copy.display().to_string(), path.display().to_string()));
        let mut first_failure = 0;
        for (i, item) in read.items.iter().enumerate() {
            // A number, because a/x.c and b/x.c are both x; the name, because wasm-ld's messages name the object.
            let copy = |name: &Path| {
                let name = name.file_name().unwrap_or_default();
                temp.path().join(format!("{i}-{}", name.to_string_lossy()))
            };
            match item {
                Item::Source(source) => {
                    let object = copy(&stem(source)).with_extension("o");
                    name(&object, &source.path);
                    let status = self.compile(source, &object, &self.dependency_flags(source))?;
                    if first_failure == 0 {
                        first_failure = status;
                    }
                    inputs.note(&object);
                    inputs.args.push(object.into_os_string());
                }
                Item::File(path) => {
                    inputs.note(path);
                    name(&copy(path), path);
                    inputs.args.push(link::mended_input(path, &copy(path))?.into());
                }
                Item::Library(name) => {
                    link::library(&read.items, name).iter().for_each(|library| inputs.note(library));
                    let mut library = OsString::from("-l");
                    library.push(name);
                    inputs.args.push(library);
                }
                Item::Linker(arg) => inputs.args.push(arg.clone()),
            }
            if let Some(status) = exec::interrupted() {
                return Ok(status);
            }
        }
        if first_failure != 0 {
            return Ok(first_failure);
        }
        // wasm-ld names the module after its output, and backtraces show that name; a folder of its own keeps it apart from the objects.
        let folder = temp.path().join("linked");
        fs::create_dir(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
        let linked = folder.join(self.output().file_name().unwrap_or(OsStr::new("a.out")));
        let sysroot = &self.toolchain.sysroot;
        let program = link::command(read, linker, sysroot, &self.shim, inputs, &linked);
        if !self.show(&program.quoted()) {
            return Ok(0);
        }
        let (status, said) = link::shortened(program, temp.path())?.run_reading_errors()?;
        let said = names.iter().fold(said, |said, (copy, name)| said.replace(copy, name));
        let messages = mismatches::read(&said);
        output::eprint(&messages.others);
        messages.mismatches.iter().for_each(|mismatch| super::warn(mismatch));
        if status != 0 {
            for note in link::notes(&said) {
                output::message(format_args!("omp2wasi cc: note: {}", escape::line(&note)));
            }
            return Ok(status);
        }
        if messages.has_other_warnings && !link::takes_warnings(read) {
            bail!("the linker has warned of something, which is an error; -Wl,--no-fatal-warnings makes it none");
        }
        if exec::interrupted().is_some() {
            return Ok(0);
        }
        if linked.exists() {
            self.finish(&linked)?;
        } else if !link::is_question(&read.items) {
            bail!("{} ended without an error and without an output; is it a wasm-ld?", linker.wasm_ld.display());
        }
        Ok(0)
    }

    /// Where the program goes.
    fn output(&self) -> &Path {
        Path::new(self.read.output.as_deref().unwrap_or(OsStr::new("a.out")))
    }

    /// Rewrites the linked module and writes the program.
    fn finish(&self, linked: &Path) -> Result<()> {
        let path = self.output();
        let bytes = fs::read(linked).with_context(|| format!("{} cannot be read", linked.display()))?;
        if self.read.relocatable {
            return output::write(path, &bytes, Mode::New(0o666));
        }
        let rewritten = omp2wasi_rewriter::rewrite(&bytes, &omp2wasi_rewriter::Options::default())
            .with_context(|| format!("{}: the linked module cannot be rewritten", path.display()))?;
        if rewritten.has_lost_dwarf {
            output::message(format_args!(
                "omp2wasi cc: warning: {}: its debug information cannot be kept",
                escape::path(path)
            ));
        }
        remarks::make(&self.read.clang_flags, &rewritten.manifest, &rewritten.wasm);
        // Not with wasm-ld's --strip-all: the rewriter knows functions by name.
        let wasm = if self.read.strip {
            strip::stripped(&rewritten.wasm).context("the rewritten module cannot be stripped")?
        } else {
            rewritten.wasm
        };
        output::write(path, &wasm, Mode::New(0o755))
    }

    /// Names the dependency file and its target after the program, which is what clang does when it links: here it is
    /// told to make an object in a temporary folder, and would name them after that.
    fn dependency_flags(&self, source: &Source) -> Vec<OsString> {
        let (dependencies, output) = (self.read.dependencies, self.read.output.as_ref());
        let mut flags: Vec<OsString> = Vec::new();
        if !dependencies.write {
            return flags;
        }
        let stem = stem(source);
        if !dependencies.names_file {
            let file = output.map_or_else(|| stem.clone(), PathBuf::from).with_extension("d");
            flags.extend(["-MF".into(), file.into()]);
        }
        if !dependencies.names_target {
            let target = output.cloned().unwrap_or_else(|| stem.with_extension("o").into());
            flags.extend(["-MQ".into(), target]);
        }
        flags
    }
}

fn temporary_folder() -> Result<TempDir> {
    tempfile::Builder::new().prefix("omp2wasi-cc-").tempdir().context("no temporary folder can be made")
}

/// Makes an object of LLVM's text.
fn second_step(program: &mut Program, text: &Path, object: &Path) {
    program.args(llvm_text::SECOND_STEP.iter().copied());
    program.args(["-c", "-x", "ir"]).arg(text).arg("-o").arg(object);
}

/// The path as an argument that no program takes for a flag. `--` would not do: clang's driver understands it, but not the compiler that
/// the driver runs, nor wasm-ld.
pub fn operand(path: &Path) -> PathBuf {
    let looks_like_flag = path.as_os_str().as_bytes().starts_with(b"-") && path != Path::new("-");
    if looks_like_flag { Path::new(".").join(path) } else { path.to_owned() }
}

/// What clang names outputs after: the source's name without folder. The extension is still to be replaced.
fn stem(source: &Source) -> PathBuf {
    source.path.file_name().map_or_else(|| source.path.clone(), PathBuf::from)
}

/// Mends an object in place. What clang was asked for may be something else (bitcode), or not a file at all (`-o -`).
fn mend(object: &Path) -> Result<()> {
    let Some(bytes) = wasm_file(object)? else { return Ok(()) };
    match object::fix_object(&bytes).with_context(|| object.display().to_string())? {
        Cow::Borrowed(_) => Ok(()),
        Cow::Owned(fixed) => output::write(object, &fixed, Mode::New(0o666)),
    }
}

/// The contents of a file, if it is one of WebAssembly.
fn wasm_file(path: &Path) -> Result<Option<Vec<u8>>> {
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(Some(bytes).filter(|bytes| bytes.starts_with(b"\0asm")))
}
