//! Keeps in a folder what takes long to make: compiled modules, and programs that drivers have built for devices.
//!
//! An entry is a file. Its name is the digest of everything that its contents depend on, and it begins with that digest and a checksum
//! of its contents. Entries are written under another name and renamed, so any number of processes may share a folder. When all of them
//! together are too large, those go first that have not been used for the longest time.
//!
//! Invariant: what [`Cache::load`] returns is what [`Cache::store`] was given under the same key, bit for bit. (Compiled code is run as it is,
//! and nothing checks it again.) That rests on the folder: nobody but the user can write there, which [`Cache::open`] makes sure of.

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::rand::GetRandomFlags;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::hash::Hasher;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use xxhash_rust::xxh3::Xxh3Default;

/// Bytes that all entries of a folder may have together.
const MAX_SIZE: u64 = 512 << 20;

/// How long after it was last noted an entry's use is noted again.
const USE_NOTED: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a folder cannot be used as a cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// Its path depends on the current folder.
    #[error("the path of the folder {} is not absolute", .0.display())]
    Relative(PathBuf),
    /// It cannot be made or read.
    #[error("the folder {}: {reason}", folder.display())]
    Unusable {
        /// Its path.
        folder: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// Others could have put something there.
    #[error("the folder {} does not belong to this user alone (chmod 700 takes the rights of others away)", .0.display())]
    NotPrivate(PathBuf),
}

/// A folder with compiled code that serves later runs, too.
///
/// An entry that has been damaged is made anew. Whoever can write to the folder can have programs of this process run any machine code.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The folder itself, not its path: whoever may rename folders above it cannot put another in its place.
    folder: Arc<OwnedFd>,
    max_size: u64,
}

impl Cache {
    /// Opens a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the path is not absolute, there can be no such folder, or it is not this user's alone (mode 0700).
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let path = folder.into();
        if !path.is_absolute() {
            return Err(CacheError::Relative(path));
        }
        let opened = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).and_then(|()| {
            let folder = rustix::fs::open(&path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
            let data = rustix::fs::fstat(&folder)?;
            Ok((folder, data))
        });
        let (folder, data) = match opened {
            Ok(opened) => opened,
            Err(reason) => return Err(CacheError::Unusable { folder: path, reason }),
        };
        let is_private = data.st_uid == rustix::process::geteuid().as_raw() && data.st_mode & 0o077 == 0;
        if is_private {
            Ok(Self { folder: Arc::new(folder), max_size: MAX_SIZE })
        } else {
            Err(CacheError::NotPrivate(path))
        }
    }

    /// The contents of an entry; `None` if there is none, or it has been damaged.
    pub(crate) fn load(&self, key: &Key) -> Option<Vec<u8>> {
        // Not waiting for what is no file.
        let mut file = self.file(&key.name(), OFlags::RDONLY | OFlags::NONBLOCK).ok()?;
        let Some(contents) = read(&mut file, key, self.max_size) else {
            // It is in the way of a good one.
            let _ = self.remove(&key.name());
            return None;
        };
        if file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default() > USE_NOTED {
            // Whoever does not let us loses the entry sooner.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(contents)
    }

    /// Keeps an entry. Where that fails it costs time only.
    pub(crate) fn store(&self, key: &Key, contents: &[u8]) {
        if contents.len() as u64 > self.max_size / 2 {
            return;
        }
        // Many may be writing at once, on several machines even.
        let mut number = [0; 8];
        if rustix::rand::getrandom(&mut number, GetRandomFlags::empty()).is_err() {
            return;
        }
        let temporary = format!("{}.{:016x}", key.name(), u64::from_le_bytes(number));
        let Ok(mut file) = self.file(&temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL) else { return };
        let mut write = || {
            file.write_all(&Header::of(key, contents))?;
            file.write_all(contents)?;
            Ok::<_, std::io::Error>(rustix::fs::renameat(&self.folder, &temporary, &self.folder, key.name())?)
        };
        if write().is_err() {
            // It may be there in part.
            let _ = self.remove(&temporary);
        }
        // Whoever cannot be listed is not trimmed.
        let _ = self.trim();
    }

    fn file(&self, name: &str, flags: OFlags) -> std::io::Result<File> {
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(rustix::fs::openat(&self.folder, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode)?.into())
    }

    /// Removes an entry; fine if it is not there, because another process may have been faster.
    fn remove(&self, name: &str) -> rustix::io::Result<()> {
        match rustix::fs::unlinkat(&self.folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes the entries that have not been used for the longest time, until the rest is small enough.
    fn trim(&self) -> rustix::io::Result<()> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Ok(data) = rustix::fs::statat(&self.folder, &name, AtFlags::SYMLINK_NOFOLLOW)
                && FileType::from_raw_mode(data.st_mode) == FileType::RegularFile
            {
                entries.push((data.st_mtime, data.st_size as u64, name));
            }
        }
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        entries.sort_unstable();
        for (_, bytes, name) in entries {
            if size <= self.max_size {
                break;
            }
            if self.remove(&name).is_ok() {
                size -= bytes;
            }
        }
        Ok(())
    }
}

/// The contents of an entry's file, unless it has been damaged.
fn read(file: &mut File, key: &Key, max_size: u64) -> Option<Vec<u8>> {
    let data = file.metadata().ok().filter(|data| data.is_file() && data.len() <= max_size)?;
    let size = data.len() as usize;
    let mut header = [0; Header::SIZE];
    file.read_exact(&mut header).ok()?;
    let mut contents = Vec::with_capacity(size.saturating_sub(Header::SIZE));
    file.take(max_size).read_to_end(&mut contents).ok()?;
    (header == Header::of(key, &contents)).then_some(contents)
}

/// What an entry depends on, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The digest, as a part of other keys.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name of its entry's file.
    fn name(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of what depends on these parts, in this order.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        // A program of another version may have other ideas of what things depend on.
        for part in [env!("CARGO_PKG_VERSION").as_bytes()].iter().chain(parts) {
            // With its length, so that parts do not run into one another.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }
}

/// Makes a digest of what implements [`std::hash::Hash`].
#[derive(Default)]
pub(crate) struct DigestHasher(Sha256);

impl DigestHasher {
    /// The digest of everything that was hashed.
    pub(crate) fn digest(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not the digest: that is longer.
    fn finish(&self) -> u64 {
        0
    }
}

/// What stands in front of an entry's contents.
struct Header;

impl Header {
    const MAGIC: [u8; 8] = *b"omp2wasi";
    const SIZE: usize = 8 + 32 + 16;

    /// Magic bytes, the key, and a checksum of key and contents.
    fn of(key: &Key, contents: &[u8]) -> [u8; Self::SIZE] {
        let mut checksum = Xxh3Default::new();
        checksum.update(&key.0);
        checksum.update(contents);
        let mut header = [0; Self::SIZE];
        header[..8].copy_from_slice(&Self::MAGIC);
        header[8..40].copy_from_slice(&key.0);
        header[40..].copy_from_slice(&checksum.digest128().to_le_bytes());
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A cache, with the path of its folder.
    fn cache() -> (tempfile::TempDir, PathBuf, Cache) {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("deep/cache");
        let cache = Cache::open(&folder).unwrap();
        (temp, folder, cache)
    }

    #[test]
    fn entries_come_back() {
        let (_temp, folder, cache) = cache();
        let (one, other) = (Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(one, other);
        assert_eq!(cache.load(&one), None);
        cache.store(&one, b"contents");
        cache.store(&other, b"");
        assert_eq!(cache.load(&one).unwrap(), b"contents");
        assert_eq!(cache.load(&other).unwrap(), b"");
        cache.store(&one, b"again");
        assert_eq!(cache.load(&one).unwrap(), b"again");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is left beside the entries");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let (_temp, folder, cache) = cache();
        let key = Key::of(&[b"key"]);
        cache.store(&key, b"some contents");
        let path = folder.join(key.name());
        let good = fs::read(&path).unwrap();
        let damaged = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            assert_eq!(cache.load(&key), None);
            assert!(!path.exists(), "a damaged entry goes away");
        };
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            damaged(&bytes);
        }
        for len in 0..good.len() {
            damaged(&good[..len]);
        }
        damaged(&[&good[..], b"x"].concat());
        // The whole entry of another key.
        cache.store(&Key::of(&[b"other"]), b"some contents");
        fs::rename(folder.join(Key::of(&[b"other"]).name()), &path).unwrap();
        assert_eq!(cache.load(&key), None);
    }

    #[test]
    fn only_folders_of_ones_own() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("cache");
        Cache::open(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        for mode in [0o777, 0o720, 0o702, 0o755] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Cache::open(&folder), Err(CacheError::NotPrivate(_))), "{mode:o}");
        }
        assert!(matches!(Cache::open("cache"), Err(CacheError::Relative(_))));
        fs::write(temp.path().join("file"), "").unwrap();
        assert!(matches!(Cache::open(temp.path().join("file")), Err(CacheError::Unusable { .. })));
    }

    #[test]
    fn the_oldest_entries_go_first() {
        let (_temp, folder, mut cache) = cache();
        cache.max_size = 3 * (1000 + Header::SIZE as u64);
        let keys: Vec<Key> = (0..5_u8).map(|number| Key::of(&[&[number]])).collect();
        for (age, key) in (0..).zip(&keys[..3]).map(|(number, key)| (10 - number, key)) {
            cache.store(key, &[0; 1000]);
            let file = File::options().write(true).open(folder.join(key.name())).unwrap();
            file.set_modified(SystemTime::now() - age * USE_NOTED).unwrap();
        }
        // Used now, so it is not the oldest one any more.
        assert!(cache.load(&keys[0]).is_some());
        cache.store(&keys[3], &[0; 1000]);
        cache.store(&keys[4], &[0; 1000]);
        cache.store(&Key::of(&[b"large"]), &[0; 2000]);
        let is_there: Vec<bool> = keys.iter().map(|key| cache.load(key).is_some()).collect();
        assert_eq!(is_there, [true, false, false, true, true]);
    }
}
