//! Memory that is shared with devices: with mirrors that are plain bytes, and kernels that are a few writes.

use super::*;
use crate::device::account::Account;
use crate::device::{DeviceError, Event, Launch, Mirror};
use omp2wasi_abi::manifest::Manifest;
use wasmtime::{MemoryType, SharedMemory};

/// Chunks of the memory.
const CHUNKS: usize = 24;

/// What a mirror has: its bytes, and what has been marked.
type Contents = Arc<Mutex<(Vec<u8>, Vec<u8>)>>;

/// A mirror whose contents the test sees.
struct Plain(Contents);

impl Mirror for Plain {
    fn len(&self) -> usize {
        self.0.lock().unwrap().0.len()
    }

    fn resize(&self, _: usize) -> Result<(), DeviceError> {
        Ok(())
    }

    fn is_guarded(&self, _: u64) -> bool {
        false
    }

    unsafe fn write(&self, parts: &[(Range<usize>, *const u8)]) -> Result<(), DeviceError> {
        let mut contents = self.0.lock().unwrap();
        for (range, from) in parts {
            // SAFETY: the caller's.
            let from = unsafe { std::slice::from_raw_parts(*from, range.len()) };
            contents.0[range.clone()].copy_from_slice(from);
        }
        Ok(())
    }

    unsafe fn read(&self, parts: &[(Range<usize>, *mut u8)]) -> Result<(), DeviceError> {
        let contents = self.0.lock().unwrap();
        for (range, to) in parts {
            // SAFETY: the caller's.
            let to = unsafe { std::slice::from_raw_parts_mut(*to, range.len()) };
            to.copy_from_slice(&contents.0[range.clone()]);
        }
        Ok(())
    }

    fn take_marks(&self, count: usize) -> Result<Vec<u8>, DeviceError> {
        Ok(std::mem::replace(&mut self.0.lock().unwrap().1, vec![0; CHUNKS])[..count].to_vec())
    }

    unsafe fn enqueue<'a>(&'a self, _: &Launch<'a>) -> Result<Box<dyn Event + 'a>, DeviceError> {
        Err(DeviceError::Arguments)
    }
}

/// A memory, its pages, and two devices.
struct Machine {
    memory: GuestMemory,
    pages: Pages,
    devices: Vec<(Contents, Arc<Mirrored>)>,
}

impl Machine {
    fn new() -> Self {
        let engine = crate::engine(crate::Interruption::AtHostCalls).unwrap();
        let ty = MemoryType::shared(CHUNKS as u32, CHUNKS as u32);
        let memory = GuestMemory::new(SharedMemory::new(engine.wasmtime(), ty).unwrap());
        let account = Arc::new(Account::new(false, &Manifest::default()));
        let fail = Box::new(|why| panic!("{why}"));
        let Ok(pages) = Pages::new(&memory, &account, fail) else { panic!("this machine cannot share memory") };
        let device = |_| {
            let contents: Contents = Arc::new(Mutex::new((vec![0; CHUNKS * CHUNK], vec![0; CHUNKS])));
            let mirrored = Mirrored::new(Box::new(Plain(contents.clone())), &memory);
            (contents, Arc::new(mirrored))
        };
        let devices = (0..2).map(device).collect();
        Self { memory, pages, devices }
    }

    /// The host stores a word.
    fn store(&self, word: u32, value: u32) {
        self.memory.word(word * 4).unwrap().store(value, Ordering::Relaxed);
    }

    /// The host loads a word.
    fn load(&self, word: u32) -> u32 {
        self.memory.word(word * 4).unwrap().load(Ordering::Relaxed)
    }

    /// A launch in which the device stores words, and the host does something meanwhile.
    fn launch(&self, device: u32, stores: &[(u32, u32)], meanwhile: impl FnOnce()) {
        let (contents, mirrored) = &self.devices[device as usize];
        assert!(self.pages.begin(device, mirrored, || false).is_ok());
        let (first, second) = stores.split_at(stores.len() / 2);
        let store = |stores: &[(u32, u32)]| {
            let mut contents = contents.lock().unwrap();
            for (word, value) in stores {
                let at = *word as usize * 4;
                contents.0[at..at + 4].copy_from_slice(&value.to_le_bytes());
                contents.1[at / CHUNK] = 1;
            }
        };
        store(first);
        meanwhile();
        store(second);
        assert!(self.pages.end(device, mirrored, HasRun::AndMarked).is_ok());
    }
}

#[test]
fn each_sees_what_others_have_written() {
    let machine = Machine::new();
    machine.store(5, 1);
    machine.launch(0, &[(6, 2)], || ());
    machine.store(7, 3);
    assert_eq!([5, 6, 7].map(|word| machine.load(word)), [1, 2, 3]);
    // What the first device has goes to the second one by way of the host, and back.
    machine.launch(0, &[(5, 4)], || ());
    machine.launch(1, &[(6, 5)], || ());
    let second = machine.devices[1].0.lock().unwrap().0[20..32].to_vec();
    assert_eq!(second, [4u32, 5, 3].map(u32::to_le_bytes).concat());
    machine.launch(0, &[], || ());
    assert_eq!(machine.devices[0].0.lock().unwrap().0[20..32], second);
    assert_eq!([5, 6, 7].map(|word| machine.load(word)), [4, 5, 3]);
}

#[test]
fn both_write_one_chunk_at_once() {
    let machine = Machine::new();
    machine.launch(0, &[(0, 10), (2, 12)], || {
        machine.store(1, 11);
        machine.store(3, 13);
    });
    assert_eq!([0, 1, 2, 3].map(|word| machine.load(word)), [10, 11, 12, 13]);
    machine.launch(0, &[], || ());
    let contents = machine.devices[0].0.lock().unwrap().0[..16].to_vec();
    assert_eq!(contents, [10u32, 11, 12, 13].map(u32::to_le_bytes).concat());
}

/// What has not been marked is not the device's.
#[test]
fn a_launch_that_did_not_run_changes_nothing() {
    let machine = Machine::new();
    machine.store(0, 1);
    let (contents, mirrored) = &machine.devices[0];
    assert!(machine.pages.begin(0, mirrored, || false).is_ok());
    contents.lock().unwrap().0[0] = 9;
    contents.lock().unwrap().1[0] = 1;
    machine.store(1, 2);
    assert!(machine.pages.end(0, mirrored, HasRun::No).is_ok());
    assert_eq!([0, 1].map(|word| machine.load(word)), [1, 2]);
    assert!(matches!(machine.pages.begin(31, mirrored, || false), Err(Failure::Errno(Errno::Inval, _))));
    assert!(machine.pages.begin(0, mirrored, || false).is_ok());
    assert!(matches!(machine.pages.begin(0, mirrored, || true), Err(Failure::Ending)));
}

#[test]
fn what_is_written_is_marked() {
    let size = CHUNK as u64;
    let written = [5..6, size..size, 3 * size - 1..3 * size + 1, 5 * size..1 << 33];
    assert_eq!(marks(&written, 7), [1, 0, 1, 1, 0, 1, 1]);
    assert_eq!(marks(&[9 * size..10 * size, 8 * size..8 * size], 2), [0, 0]);
}

/// Generated programs, against plain memory. In a launch the device stores odd words, and threads of the host even ones meanwhile.
#[test]
fn generated_programs_see_one_memory() {
    const WORDS: u32 = (CHUNKS * CHUNK / 4) as u32;
    let machine = Machine::new();
    let mut model = vec![0u32; WORDS as usize];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    for step in 0..1500 {
        // Half of them in few chunks, so that they meet.
        let words = if next(2) == 0 { WORDS } else { WORDS / 16 };
        match next(4) {
            0 => (0..8).for_each(|_| {
                let (word, value) = (next(words), next(1 << 30));
                machine.store(word, value);
                model[word as usize] = value;
            }),
            1 => (0..8).for_each(|_| {
                let word = next(words);
                assert_eq!(machine.load(word), model[word as usize], "word {word} in step {step}");
            }),
            _ => {
                let device = next(2);
                let mut writes = |odd: u32| -> Vec<(u32, u32)> {
                    (0..next(12)).map(|_| ((next(words) & !1) + odd, next(1 << 30))).collect()
                };
                let (of_device, of_host) = (writes(1), [writes(0), writes(0)]);
                machine.launch(device, &of_device, || {
                    std::thread::scope(|scope| {
                        // Each thread has words of its own.
                        for (thread, writes) in (0..).zip(&of_host) {
                            let machine = &machine;
                            let own = writes.iter().filter(move |(word, _)| word / 2 % 2 == thread);
                            scope.spawn(move || own.for_each(|(word, value)| machine.store(*word, *value)));
                        }
                    });
                });
                of_device.iter().for_each(|(word, value)| model[*word as usize] = *value);
                for (thread, writes) in (0..).zip(&of_host) {
                    let own = writes.iter().filter(|(word, _)| word / 2 % 2 == thread);
                    own.for_each(|(word, value)| model[*word as usize] = *value);
                }
            }
        }
    }
    (0..WORDS).for_each(|word| assert_eq!(machine.load(word), model[word as usize], "word {word}"));
}
