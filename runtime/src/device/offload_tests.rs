//! What programs ask of devices, with a device that computes nothing: which thread waits for what, and which copy has what.

use super::*;
use crate::device::kernels::Kernel;
use crate::device::{Capabilities, Event, Features, Launch, Mirror};
use omp2wasi_codegen::Language;
use std::ops::Range;
use std::sync::{Condvar, mpsc};
use std::time::Duration;
use wasmtime::{MemoryType, SharedMemory};

/// A region that stores to where its parameter points: once 32-bit, at table index 1, once 64-bit floats, at table index 2.
const PROGRAM: &str = r#"(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory 1)
  (table 3 funcref)
  (elem (i32.const 1) $single $double)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $single (param $gtid i32) (param $btid i32) (param $into i32)
    (local $frame i32) (local $i i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i32.store offset=12 (local.get $frame) (i32.const 0))
    (i32.store offset=8 (local.get $frame) (i32.const 9))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame)
      (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 8))
      (i32.add (local.get $frame) (i32.const 4)) (i32.const 1) (i32.const 1))
    (local.set $i (i32.load offset=12 (local.get $frame)))
    (loop $next
      (i32.store (i32.add (local.get $into) (i32.shl (local.get $i) (i32.const 2))) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.le_s (local.get $i) (i32.load offset=8 (local.get $frame))))))
  (func $double (param $gtid i32) (param $btid i32) (param $into i32)
    (local $frame i32) (local $i i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i32.store offset=12 (local.get $frame) (i32.const 0))
    (i32.store offset=8 (local.get $frame) (i32.const 9))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame)
      (i32.add (local.get $frame) (i32.const 12)) (i32.add (local.get $frame) (i32.const 8))
      (i32.add (local.get $frame) (i32.const 4)) (i32.const 1) (i32.const 1))
    (local.set $i (i32.load offset=12 (local.get $frame)))
    (loop $next
      (f64.store (i32.add (local.get $into) (i32.shl (local.get $i) (i32.const 3)))
        (f64.add (f64.convert_i32_s (local.get $i)) (f64.const 0.5)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.le_s (local.get $i) (i32.load offset=8 (local.get $frame)))))))"#;

/// Counts launches that have been enqueued.
#[derive(Default)]
struct Enqueued {
    count: Mutex<usize>,
    more: Condvar,
}

/// A device whose launches end when so many of them have been enqueued.
struct Fake {
    capabilities: Capabilities,
    together: usize,
    enqueued: Arc<Enqueued>,
}

struct FakeMirror {
    len: usize,
    together: usize,
    enqueued: Arc<Enqueued>,
}

struct FakeEvent<'a>(&'a FakeMirror);

impl Device for Fake {
    fn name(&self) -> &str {
        "fake"
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn build(&self, _: &Kernel) -> Result<(), DeviceError> {
        Ok(())
    }

    fn mirror(&self, len: usize) -> Result<Box<dyn Mirror>, DeviceError> {
        Ok(Box::new(FakeMirror { len, together: self.together, enqueued: self.enqueued.clone() }))
    }
}

impl Mirror for FakeMirror {
    fn len(&self) -> usize {
        self.len
    }

    fn resize(&self, _: usize) -> Result<(), DeviceError> {
        Ok(())
    }

    fn is_guarded(&self, _: u64) -> bool {
        false
    }

    unsafe fn write(&self, _: &[(Range<usize>, *const u8)]) -> Result<(), DeviceError> {
        Ok(())
    }

    unsafe fn read(&self, _: &[(Range<usize>, *mut u8)]) -> Result<(), DeviceError> {
        Ok(())
    }

    fn take_marks(&self, count: usize) -> Result<Vec<u8>, DeviceError> {
        Ok(vec![0; count])
    }

    unsafe fn enqueue<'a>(&'a self, _: &Launch<'a>) -> Result<Box<dyn Event + 'a>, DeviceError> {
        *self.enqueued.count.lock().unwrap() += 1;
        self.enqueued.more.notify_all();
        Ok(Box::new(FakeEvent(self)))
    }
}

impl Event for FakeEvent<'_> {
    fn wait(self: Box<Self>) -> Result<super::super::Ended, DeviceError> {
        let count = self.0.enqueued.count.lock().unwrap();
        let is_missing = |count: &mut usize| *count < self.0.together;
        let waited = self.0.enqueued.more.wait_timeout_while(count, Duration::from_secs(20), is_missing).unwrap();
        match waited.1.timed_out() {
            false => Ok(super::super::Ended::default()),
            true => Err(DeviceError::Driver { api: "fake", what: "the other launches", code: "never came".to_owned() }),
        }
    }
}

fn capabilities(features: Features) -> Capabilities {
    Capabilities {
        language: Language::OpenClC,
        features,
        compute_units: 1,
        fences_groups: true,
        groups_at_once: 1,
        memory_size: 1 << 30,
        local_memory_size: 1 << 15,
        has_guards: false,
        longest_buffer: 1 << 30,
        prefers_blocks: false,
    }
}

/// A program with devices that have these features, and its memory.
fn offload(together: usize, devices: &[Features]) -> (Offload, GuestMemory) {
    let wasm: Arc<[u8]> = wat::parse_str(PROGRAM).unwrap().into();
    let offload = Offload::new(wasm, &Manifest::default(), 65536, &Budget::new(1 << 20), &Config::default());
    let enqueued = Arc::new(Enqueued::default());
    let open = |features: &Features| {
        let fake = Fake { capabilities: capabilities(*features), together, enqueued: enqueued.clone() };
        Opened::new(Box::new(fake), false)
    };
    assert!(offload.devices.set(devices.iter().map(open).collect()).is_ok());
    let memory = SharedMemory::new(
        crate::engine(crate::Interruption::AtHostCalls).unwrap().wasmtime(),
        MemoryType::shared(1, 1),
    )
    .unwrap();
    (offload, GuestMemory::new(memory))
}

fn launch(device: u32, microtask: u32) -> RegionLaunch {
    RegionLaunch {
        device,
        teams: TEAMS_PLAIN,
        microtask,
        arguments: vec![1024],
        iterations: 0,
        num_teams: 0,
        thread_limit: 0,
        ranges: Vec::new(),
    }
}

/// Two threads launch on one device: the second one gets as far as the device while the first one waits for its kernel.
#[test]
fn launches_of_two_threads_are_under_way_at_once() {
    let (offload, memory) = offload(2, &[Features::all()]);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (offload, memory, sender) = (&offload, &memory, sender.clone());
            scope.spawn(move || {
                sender.send(offload.launch(memory, launch(0, 1), |event| event.wait(), || false).is_ok())
            });
        }
        assert!((0..2).all(|_| receiver.recv().unwrap()));
    });
}

/// A region runs on the devices that have what it needs.
#[test]
fn whether_a_region_can_run_is_asked_of_its_device() {
    let (offload, memory) = offload(1, &[Features::all(), Features::INT64_ATOMICS]);
    assert!(offload.launch(&memory, launch(0, 2), |event| event.wait(), || false).is_ok());
    assert!(offload.launch(&memory, launch(1, 1), |event| event.wait(), || false).is_ok());
    let Err(Failure::Errno(Errno::BadKernel, why)) =
        offload.launch(&memory, launch(1, 2), |event| event.wait(), || false)
    else {
        panic!("the device computes with floats that it does not have");
    };
    assert_eq!(why, "the device fake has no 64-bit floats");
    assert!(matches!(
        offload.launch(&memory, launch(2, 1), |event| event.wait(), || false),
        Err(Failure::Errno(Errno::BadHandle, _))
    ));
}
