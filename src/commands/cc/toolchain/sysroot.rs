//! Finds the WASI sysroot: the headers and libraries of wasi-libc.
//!
//! Invariant: what is found is a single-threaded libc, with headers and libraries of the same triple.

use std::path::{Path, PathBuf};

use super::{Host, Missing};

/// The triples of a single-threaded preview-1 libc; the second is the newer name of the first.
const TRIPLES: [&str; 2] = ["wasm32-wasi", "wasm32-wasip1"];
const THREADED: [&str; 2] = ["wasm32-wasi-threads", "wasm32-wasip1-threads"];

/// Where distributions put the sysroot.
const PLACES: [&str; 4] = ["/usr", "/opt/wasi-sdk/share/wasi-sysroot", "/usr/share/wasi-sysroot", "/usr/wasm32-wasi"];

/// The command that installs a sysroot on Debian and Ubuntu.
const INSTALL: &str = "apt-get install wasi-libc";

/// The folders of a WASI sysroot, both of one triple.
#[derive(Debug)]
pub struct Sysroot {
    /// The headers.
    pub include: PathBuf,
    /// The libraries.
    pub lib: PathBuf,
}

/// Takes the sysroot that the user named, or else the first that there is.
pub(super) fn find(host: &Host, argument: Option<&Path>) -> Result<Sysroot, Missing> {
    let from_variable = |name| (host.var)(name).map(|value| (name, PathBuf::from(value)));
    let named = argument
        .map(|path| ("--sysroot", path.to_owned()))
        .or_else(|| from_variable("OMP2WASI_SYSROOT"))
        .or_else(|| from_variable("WASI_SYSROOT"));
    if let Some((origin, dir)) = named {
        return inside(&dir).map_err(|why| Missing {
            what: format!("{origin}={}: {}", dir.display(), why.sentence()),
            looked: why.looked(&dir),
            mend: format!("name a sysroot of wasm32-wasi or wasm32-wasip1, or none and {INSTALL}"),
        });
    }
    let mut places: Vec<PathBuf> = PLACES.iter().map(|place| host.at(place)).collect();
    if let Some(sdk) = (host.var)("WASI_SDK_PATH") {
        places.insert(0, Path::new(&sdk).join("share/wasi-sysroot"));
    }
    let mut looked = Vec::new();
    for dir in &places {
        match inside(dir) {
            Ok(sysroot) => return Ok(sysroot),
            Err(why @ Unusable::Threaded) => looked.push(format!("{}: {}", dir.display(), why.sentence())),
            Err(why) => looked.extend(why.looked(dir)),
        }
    }
    Err(Missing { what: "no WASI sysroot (wasi-libc)".to_owned(), looked, mend: INSTALL.to_owned() })
}

/// Why a folder is no sysroot for us.
enum Unusable {
    Absent,
    Threaded,
}

impl Unusable {
    fn sentence(&self) -> &'static str {
        match self {
            Unusable::Absent => "no sysroot of wasm32-wasi or wasm32-wasip1",
            Unusable::Threaded => {
                "its libc is built for wasi-threads, which takes it that every thread comes from its own pthread_create; \
                 a team's threads do not"
            }
        }
    }

    fn looked(&self, dir: &Path) -> Vec<String> {
        match self {
            Unusable::Absent => vec![format!("{}/lib/{{{}}}/libc.a", dir.display(), TRIPLES.join(","))],
            Unusable::Threaded => Vec::new(),
        }
    }
}

/// The sysroot inside a folder, which may have others beside it.
fn inside(dir: &Path) -> Result<Sysroot, Unusable> {
    for triple in TRIPLES {
        let lib = dir.join("lib").join(triple);
        if !lib.join("libc.a").is_file() {
            continue;
        }
        // Older sysroots have one include folder for all triples.
        let includes = [dir.join("include").join(triple), dir.join("include")];
        if let Some(include) = includes.into_iter().find(|i| i.join("wasi/api.h").is_file()) {
            return Ok(Sysroot { include, lib });
        }
    }
    let threaded = THREADED.iter().any(|triple| dir.join("lib").join(triple).join("libc.a").is_file());
    Err(if threaded { Unusable::Threaded } else { Unusable::Absent })
}
