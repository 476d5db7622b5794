//! A loaded library of native code: its functions, and which place of the module each of its instructions belongs to.
//!
//! Invariant: the library is made of bytes that come from the compiler or out of the cache, from memory that nobody else can write to; its
//! functions are called only as long as it is there.

use super::NativeError;
use super::abi::{self, Code, Entry};
use super::signals::Registered;
use crate::engine::backtrace::Place;
use crate::engine::form::Form;
use gimli::{EndianSlice, LittleEndian};
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SegmentFlags};
use rustix::fs::{MemfdFlags, SealFlags};
use std::ffi::{CStr, CString, c_void};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::Mutex;

/// The name of the file that places are in, in the line table: line numbers are offsets in the module.
const PLACES: &str = "w";

/// A library, loaded.
pub(crate) struct Library {
    /// Its functions: index in the module, and code.
    pub entries: Vec<(u32, Code)>,
    handle: *mut c_void,
    /// Where it is in memory, and where its code is.
    base: usize,
    code: Range<usize>,
    /// Its bytes, in memory that is only mapped when somebody looks for a place.
    image: Mutex<File>,
    /// Says to the signal handler that the code is there. Taken back before the library goes.
    registered: Option<Registered>,
}

// SAFETY: the handle is used by `drop` alone; all else is plain data, or protected by its lock.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// Loads a library that has functions for some of `roots` and none beside.
    ///
    /// # Errors
    /// When it is no library of this interface.
    pub(crate) fn load(bytes: &[u8], roots: &[u32]) -> Result<Self, NativeError> {
        let nonsense = |what: String| NativeError::Library(what);
        let segment =
            code_segment(bytes).ok_or_else(|| nonsense("it is no shared library of this machine".to_owned()))?;
        let image = sealed(bytes).map_err(|error| nonsense(error.to_string()))?;
        let path = CString::new(format!("/proc/self/fd/{}", image.as_raw_fd())).unwrap_or_default();
        // SAFETY: the path is a string; the library has no constructors but the C library's, as it is made of functions alone.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            return Err(nonsense(last_error()));
        }
        let mut library =
            Self { entries: Vec::new(), handle, base: 0, code: 0..0, image: Mutex::new(image), registered: None };
        let [version, entries, count] = abi::SYMBOLS.map(|name| library.symbol(name));
        let (version, entries, count) = (version?.cast::<u32>(), entries?, count?.cast::<u32>());
        // SAFETY: the loader has filled it in.
        let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are valid.
        if unsafe { libc::dladdr(entries.cast(), &raw mut info) } == 0 {
            return Err(nonsense("the loader does not know where it is".to_owned()));
        }
        library.base = info.dli_fbase.addr();
        library.code = library.base + segment.start..library.base + segment.end;
        // SAFETY: symbols of these names are constants of these types, in every version.
        let (version, count) = unsafe { (version.read_unaligned(), count.read_unaligned()) };
        if version != abi::VERSION {
            return Err(nonsense(format!("it has version {version} of the interface, not {}", abi::VERSION)));
        }
        if count as usize > roots.len() {
            return Err(nonsense(format!("it has {count} functions, where {} were asked for", roots.len())));
        }
        for at in 0..count as usize {
            // SAFETY: the symbol is an array of as many entries; the pointer to the function is read as what can be null.
            let entry = unsafe { entries.cast::<Entry>().add(at).read_unaligned() };
            match entry.code {
                Some(code) if library.code.contains(&(code as usize)) && roots.contains(&entry.function) => {
                    library.entries.push((entry.function, code));
                }
                _ => return Err(nonsense(format!("its entry {at} is none of those that were asked for"))),
            }
        }
        library.registered = Some(Registered::new(&library.code));
        Ok(library)
    }

    fn symbol(&self, name: &str) -> Result<*mut c_void, NativeError> {
        let name = CString::new(name).unwrap_or_default();
        // SAFETY: the library is loaded, the name is a string.
        let symbol = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        if symbol.is_null() { Err(NativeError::Library(last_error())) } else { Ok(symbol) }
    }

    /// Whether an address is in its code.
    pub(crate) fn contains(&self, pc: usize) -> bool {
        self.code.contains(&pc)
    }

    /// The places that an instruction belongs to, innermost first: several where functions have been put into others. None if that is not
    /// known.
    pub(crate) fn places(&self, pc: usize, form: &Form) -> Vec<Place> {
        let mut bytes = Vec::new();
        let read = |mut file: &File, bytes: &mut Vec<u8>| {
            file.rewind()?;
            file.read_to_end(bytes)
        };
        let is_read = self.image.lock().is_ok_and(|image| read(&image, &mut bytes).is_ok());
        if is_read { find_places(&bytes, (pc - self.base) as u64, form).unwrap_or_default() } else { Vec::new() }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.registered = None;
        // SAFETY: it has been opened once, and whoever calls its functions keeps it.
        unsafe { libc::dlclose(self.handle) };
    }
}

fn find_places(bytes: &[u8], address: u64, form: &Form) -> Option<Vec<Place>> {
    let file = object::File::parse(bytes).ok()?;
    let section = |id: gimli::SectionId| {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok()).unwrap_or_default();
        Ok::<_, gimli::Error>(EndianSlice::new(data, LittleEndian))
    };
    let context = addr2line::Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()?;
    let at_line = |location: Option<addr2line::Location>| {
        let is_place = |file: &str| file.rsplit('/').next() == Some(PLACES);
        let location = location.filter(|location| location.file.is_some_and(is_place));
        let offset = location.and_then(|location| location.line).filter(|line| *line > 0)? as usize;
        Some(Place { function: form.function_at(offset)?, offset: Some(offset) })
    };
    let mut found = Vec::new();
    let mut frames = context.find_frames(address).skip_all_loads().ok()?;
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|name| Some(name.raw_name().ok()?.into_owned()));
        found.push((name, at_line(frame.location)));
    }
    // The function that all the others have been put into is known by its symbol, too.
    let is_here = |symbol: &object::Symbol| address.wrapping_sub(symbol.address()) < symbol.size();
    let symbol = file.symbols().find(is_here).and_then(|symbol| Some(symbol.name().ok()?.to_owned()));
    match found.last_mut() {
        Some((name, _)) => *name = symbol.or(name.take()),
        None => found.push((symbol, None)),
    }
    // Where the compiler has merged several instructions into one, there is no line, but still a function.
    let named = |name: String| Some(Place { function: name.strip_prefix("fn")?.parse().ok()?, offset: None });
    let mut places: Vec<Place> = found.into_iter().filter_map(|(name, place)| place.or_else(|| named(name?))).collect();
    // Instructions before it belong to about the same place.
    if let Some(first) = places.first_mut().filter(|first| first.offset.is_none()) {
        const NEAR: u64 = 512;
        let before = (1..NEAR).filter_map(|bytes| at_line(context.find_location(address.checked_sub(bytes)?).ok()?));
        if let Some(near) = before.into_iter().find(|near| near.function == first.function) {
            *first = near;
        }
    }
    Some(places)
}

/// Where a library for this machine has its code, from its beginning.
fn code_segment(bytes: &[u8]) -> Option<Range<usize>> {
    let file = object::File::parse(bytes).ok()?;
    let is_ours = match file.architecture() {
        object::Architecture::X86_64 => cfg!(target_arch = "x86_64"),
        object::Architecture::Aarch64 => cfg!(target_arch = "aarch64"),
        _ => false,
    };
    if !is_ours || file.kind() != object::ObjectKind::Dynamic {
        return None;
    }
    let is_code = |flags| matches!(flags, SegmentFlags::Elf { p_flags } if p_flags & object::elf::PF_X != 0);
    let segment = file.segments().find(|segment| is_code(segment.flags()))?;
    let start = usize::try_from(segment.address()).ok()?;
    Some(start..start.checked_add(usize::try_from(segment.size()).ok()?)?)
}

/// The bytes in a file that has no name and cannot be changed any more.
fn sealed(bytes: &[u8]) -> std::io::Result<File> {
    const NAME: &CStr = c"omp2wasi-native";
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file: File = rustix::fs::memfd_create(NAME, flags)?.into();
    file.write_all(bytes)?;
    rustix::fs::fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(file)
}

/// What the loader has last complained about, without the name of a file that has none.
fn last_error() -> String {
    // SAFETY: it returns a string of this thread, or null.
    let message = unsafe { libc::dlerror() };
    if message.is_null() {
        return "the loader refuses it".to_owned();
    }
    // SAFETY: see above.
    unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned()
}
