//! Makes libraries of native code: translates, compiles, and keeps the result.
//!
//! Invariant: what is kept depends on its key alone: on the module, the functions, the translator, the compiler with its flags, and the
//! processor.

use super::compiler::Compiler;
use super::library::Library;
use super::translate::{Codegen, Translator, Unit};
use super::{NativeError, Part, enter};
use crate::cache::{Cache, Key};
use crate::engine::form::{self, Form};
use crate::report::Notice;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How native code is made.
#[derive(Clone)]
pub struct NativeOptions {
    compiler: Option<PathBuf>,
    cache: Option<Cache>,
    translator: Arc<dyn Translator>,
}

impl Default for NativeOptions {
    fn default() -> Self {
        Self { compiler: None, cache: None, translator: Arc::new(Codegen) }
    }
}

impl fmt::Debug for NativeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compiler, cache, .. } = self;
        f.debug_struct("NativeOptions").field("compiler", compiler).field("cache", cache).finish_non_exhaustive()
    }
}

impl NativeOptions {
    /// Uses this compiler, which has to be a clang: a path, or a name to look for in `PATH`. The default is the newest one of clang-22 to
    /// clang-19 and clang that is there.
    #[must_use]
    pub fn compiler(mut self, compiler: impl Into<PathBuf>) -> Self {
        self.compiler = Some(compiler.into());
        self
    }

    /// Keeps native code in this cache. The default is to make it anew each time.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Has the text made by another translator.
    #[cfg(test)]
    pub(crate) fn translator(mut self, translator: Arc<dyn Translator>) -> Self {
        self.translator = translator;
        self
    }
}

/// What has been made of a program's kernels.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NativeReport {
    /// The kernels that have a native form.
    pub kernels: Vec<String>,
    /// Whether what is outside of them has one, too.
    pub has_serial_part: bool,
    /// The kernels that have none, each with the reason.
    pub missing: Vec<(String, String)>,
    /// Functions that native code calls as Cranelift's, each with the reason. Not known of what comes out of the cache.
    pub left_out: Vec<(String, String)>,
    /// The compiler.
    pub compiler: PathBuf,
    /// What the compiler has printed.
    pub messages: String,
    /// How long translating and compiling took; `None` if it was in the cache.
    pub took: Option<Duration>,
    /// Bytes of the library.
    pub size: usize,
    /// That the module's scalar forms have been ignored, if they have been.
    pub forms_ignored: Option<Notice>,
}

/// Makes libraries for one module.
pub(super) struct Maker {
    options: NativeOptions,
    compiler: Compiler,
    /// The rewritten module.
    wasm: Arc<[u8]>,
    /// What all keys have in common; `None` if nothing is kept.
    kept: Option<(Cache, [Vec<u8>; 2])>,
    form: OnceLock<Option<Arc<Form>>>,
}

/// A library with what is to be told of it.
pub(super) struct Made {
    pub library: Arc<Library>,
    /// Functions that the text calls by way of the host, and kernels that it lacks.
    pub left_out: Vec<(u32, String)>,
    pub messages: String,
    pub took: Option<Duration>,
    pub size: usize,
}

impl Maker {
    /// For a rewritten module.
    ///
    /// # Errors
    /// When there is no compiler, or no native code on this machine.
    pub(super) fn new(wasm: &Arc<[u8]>, options: &NativeOptions) -> Result<Self, NativeError> {
        if !enter::IS_SUPPORTED {
            return Err(NativeError::Machine);
        }
        let compiler = Compiler::find(options.compiler.as_deref())?;
        let kept = options.cache.clone().and_then(|cache| {
            let module = Key::of(&[b"module of native code", &omp2wasi_rewriter::HOST_VERSION.to_le_bytes(), wasm]);
            let translator = &options.translator;
            let by = format!("{}\n{}\n{}", translator.version(), translator.flags().join(" "), compiler.identity()?);
            Some((cache, [module.bytes().to_vec(), by.into_bytes()]))
        });
        Ok(Self { options: options.clone(), compiler, wasm: Arc::clone(wasm), kept, form: OnceLock::new() })
    }

    /// The compiler.
    pub(super) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// The module as it is compiled; `None` if it cannot be read, which Wasmtime has ruled out.
    pub(super) fn form(&self) -> Option<&Arc<Form>> {
        let read = || {
            let key = self.kept.as_ref().map(|(cache, [module, _])| (cache, Key::of(&[b"form", module])));
            let kept = key.as_ref().and_then(|(cache, key)| cache.load(key));
            let bytes = match kept {
                Some(bytes) => bytes,
                None => {
                    let bytes = form::compiled(&self.wasm).ok()?.into_owned();
                    if let Some((cache, key)) = &key {
                        cache.store(key, &bytes);
                    }
                    bytes
                }
            };
            Form::read(bytes.into()).ok().map(Arc::new)
        };
        self.form.get_or_init(read).as_ref()
    }

    /// The functions that kernels are, in the same order.
    fn roots(&self, kernels: &[Arc<Part>]) -> Result<Vec<u32>, NativeError> {
        let form = self.form().ok_or_else(|| NativeError::Translation("the module cannot be read".to_owned()))?;
        let root = |kernel: &Arc<Part>| {
            let unknown = || NativeError::Translation(format!("there is no kernel `{}`", kernel.export.escape_debug()));
            form.exported_function(&kernel.export).ok_or_else(unknown)
        };
        kernels.iter().map(root).collect()
    }

    fn key(&self, kernels: &[Arc<Part>]) -> Option<(&Cache, Key)> {
        let (cache, [module, by]) = self.kept.as_ref()?;
        let indices: Vec<u8> = kernels.iter().flat_map(|kernel| kernel.table_index.to_le_bytes()).collect();
        Some((cache, Key::of(&[b"native", module, by, &indices])))
    }

    /// The library of these kernels, if it is in the cache.
    pub(super) fn kept(&self, kernels: &[Arc<Part>]) -> Option<Made> {
        let (cache, key) = self.key(kernels)?;
        let bytes = cache.load(&key)?;
        let library = Library::load(&bytes, &self.roots(kernels).ok()?).ok()?;
        Some(Made {
            library: Arc::new(library),
            left_out: Vec::new(),
            messages: String::new(),
            took: None,
            size: bytes.len(),
        })
    }

    /// The lists of kernels, by table index, of which there are libraries in the cache, but for that of all kernels.
    pub(super) fn kept_lists(&self) -> Vec<Vec<u32>> {
        let Some((cache, key)) = self.lists_key() else { return Vec::new() };
        let bytes = cache.load(&key).unwrap_or_default();
        let list = |line: &str| line.split(' ').map(|index| index.parse().ok()).collect::<Option<Vec<u32>>>();
        String::from_utf8_lossy(&bytes).lines().filter_map(list).collect()
    }

    fn lists_key(&self) -> Option<(&Cache, Key)> {
        let (cache, [module, by]) = self.kept.as_ref()?;
        Some((cache, Key::of(&[b"native lists", module, by])))
    }

    /// Notes that there is a library of these kernels. What another process notes at the same time may be lost, and is made again then.
    pub(super) fn note_list(&self, kernels: &[Arc<Part>]) {
        /// More than a program has lists of kernels that became hot together.
        const MAX_LISTS: usize = 64;
        let Some((cache, key)) = self.lists_key() else { return };
        let list: Vec<u32> = kernels.iter().map(|kernel| kernel.table_index).collect();
        let mut lists = self.kept_lists();
        if lists.len() < MAX_LISTS && !lists.contains(&list) {
            lists.push(list);
            let line = |list: &Vec<u32>| list.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
            cache.store(&key, lists.iter().map(line).collect::<Vec<_>>().join("\n").as_bytes());
        }
    }

    /// Whether what is made is kept.
    pub(super) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// The names of the kernels that a library has, and of those that it lacks, each with the reason.
    pub(super) fn outcome(&self, kernels: &[Arc<Part>], made: &Made) -> (Vec<String>, Vec<(String, String)>) {
        let function = |kernel: &Part| self.form().and_then(|form| form.exported_function(&kernel.export));
        let is_there = |kernel: &&Arc<Part>| {
            let function = function(kernel);
            made.library.entries.iter().any(|(entry, _)| Some(*entry) == function)
        };
        let reason = |kernel: &Part| {
            let function = function(kernel);
            let known = made.left_out.iter().find(|(index, _)| Some(*index) == function);
            known.map_or_else(|| "it cannot be translated".to_owned(), |(_, reason)| reason.clone())
        };
        let (there, missing): (Vec<_>, Vec<_>) = kernels.iter().partition(is_there);
        let missing = missing.into_iter().map(|kernel| (kernel.name.clone(), reason(kernel))).collect();
        (there.into_iter().map(|kernel| kernel.name.clone()).collect(), missing)
    }

    /// The module's own functions that a library calls by way of the host, by name, each with the reason.
    pub(super) fn called(&self, made: &Made) -> Vec<(String, String)> {
        let Some(form) = self.form() else { return Vec::new() };
        // Imports are always called in that way.
        let own = made.left_out.iter().filter(|(function, _)| *function as usize >= form.imports.len());
        let name =
            |function: u32| form.function_name(function).map_or_else(|| format!("function {function}"), str::to_owned);
        own.map(|(function, reason)| (name(*function), reason.clone())).collect()
    }

    /// The text of these functions. It is given up when `is_over` says so.
    ///
    /// # Errors
    /// When there is none that the host can run.
    fn unit(&self, form: &Form, roots: &[u32], is_over: &dyn Fn() -> bool) -> Result<Unit, NativeError> {
        let unit = self.options.translator.unit(&form.wasm, roots, is_over)?;
        // What is left out has to be reached: an import, or by an export.
        let is_lost = |function: u32| {
            function as usize >= form.imports.len() && form.export_of(function).is_none() && !roots.contains(&function)
        };
        if let Some((function, reason)) = unit.left_out.iter().find(|(function, _)| is_lost(*function)) {
            let name = form.function_name(*function).unwrap_or_default();
            let message =
                format!("function {function} ({name}) cannot be translated, and the host does not reach it: {reason}");
            return Err(NativeError::Translation(message));
        }
        Ok(unit)
    }

    /// Makes the library of these kernels. It is given up when `is_over` says so.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn make(&self, kernels: &[Arc<Part>], is_over: &dyn Fn() -> bool) -> Result<Made, NativeError> {
        let start = Instant::now();
        let roots = self.roots(kernels)?;
        let form = self.form().ok_or_else(|| NativeError::Translation("the module cannot be read".to_owned()))?;
        let Unit { text, entries, left_out } = self.unit(form, &roots, is_over)?;
        if entries.is_empty() {
            let reason =
                |root: &u32| left_out.iter().find(|(function, _)| function == root).map(|(_, reason)| reason.clone());
            let refused = kernels
                .iter()
                .zip(&roots)
                .map(|(kernel, root)| (kernel.name.clone(), reason(root).unwrap_or_default()));
            return Err(NativeError::Kernels(refused.collect()));
        }
        let (bytes, messages) = self.compiler.compile(&text, self.options.translator.flags(), is_over)?;
        let library = Library::load(&bytes, &roots)?;
        if library.entries.len() != entries.len() {
            let message = format!("it has {} functions, not {}", library.entries.len(), entries.len());
            return Err(NativeError::Library(message));
        }
        if let Some((cache, key)) = self.key(kernels) {
            cache.store(&key, &bytes);
        }
        Ok(Made { library: Arc::new(library), left_out, messages, took: Some(start.elapsed()), size: bytes.len() })
    }
}
