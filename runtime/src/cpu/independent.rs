//! Runs independent iterations: kernels whose threads know nothing of one another, on as many threads as there are processors.
//!
//! Invariant: a caller never waits for a thread that has not begun with the launch, and no thread runs iterations of another launch while
//! it waits. So launches cannot deadlock, a guest cannot multiply threads by nesting (a kernel that launches another one runs that inline,
//! see [`Member::inline`]), and how many threads come to help makes no difference to anything but the time.
//!
//! # A launch
//! The calling thread does not hand its iterations over: it asks a thread of the program's pool to help and begins with them at once.
//! A helper that comes asks two more, as long as iterations are left to give out, so that many threads are awake soon though
//! the caller has woken one at most. When no iterations are left, the caller *closes* the launch: no helper can come in any more, and the
//! caller waits for those inside. A launch of a few microseconds is over before a helper has woken up, and has cost hardly more than its
//! iterations; helpers that come too late find it closed.
//!
//! # The pool
//! rayon's, one for each program, made at the first launch, with threads of our own making: their stacks hold what wasm may use. Each of
//! them keeps its instances for the next launch ([`Kept`]). A helper that has nothing left to do stays awake as long as a
//! member of a team would before it sleeps, so that launches that follow one another need no waking, and then goes back to rayon.

use crate::cpu::kernel_module::ModuleInstance;
use crate::cpu::member::{Member, interrupted};
use crate::cpu::places::bind_thread;
use crate::cpu::team::{EndOnPanic, join_threads};
use crate::cpu::threads::Reserved;
use crate::cpu::wait::{Interrupted, WaitWord, Waiters};
use crate::error::Outcome;
use crate::limits::OutOfMemory;
use crate::process::Process;
use crossbeam_utils::CachePadded;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use wasmtime::{Engine, Store};

/// Something that threads run iterations of.
pub(crate) trait IndependentKernel: Send + Sync + 'static {
    /// What a thread needs to run iterations.
    type Instance;

    /// An instance for the calling thread: one that it has kept, or a new one.
    fn instance(&self, process: &Arc<Process>, kept: &mut Kept) -> wasmtime::Result<Self::Instance>;

    /// Runs one iteration of `size`.
    fn call(&self, instance: &mut Self::Instance, id: u32, size: u32) -> wasmtime::Result<()>;

    /// After a launch: keeps the instance for the next one, if it can be used again.
    fn keep(&self, instance: Self::Instance, kept: &mut Kept);
}

/// Instances that a thread keeps between launches.
#[derive(Default)]
pub(crate) struct Kept {
    /// One of the program's module, as a helper's member.
    pub program: Option<Box<Store<Member>>>,
    /// Some of kernel modules, the last used last.
    pub modules: Vec<ModuleInstance>,
}

thread_local! {
    /// The instances of a thread of the pool.
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// Runs `size` iterations of a kernel on the calling thread, with `instance`, and on helpers. Returns when all are done, or one has failed.
///
/// # Errors
/// The trap or exit of the calling thread's iteration; or, where a helper's has ended the program, the error that unwinds the caller.
pub(crate) fn run<K: IndependentKernel>(
    process: &Arc<Process>,
    kernel: K,
    size: u32,
    mut instance: K::Instance,
    kept: &mut Kept,
) -> wasmtime::Result<()> {
    let launch = Arc::new(Batch::new(process, kernel, size));
    process.helpers.ask(&launch);
    let result = launch.iterate(&mut instance);
    let closed = launch.close(&process.waiters);
    result?;
    closed.map_err(interrupted)?;
    if launch.stopped.load(Ordering::Relaxed) {
        // A helper has failed, and said so to the process: the program is ending.
        return Err(interrupted(Interrupted));
    }
    launch.kernel.keep(instance, kept);
    Ok(())
}

/// Runs `size` iterations one after the other on the calling thread.
pub(crate) fn run_in_order<K: IndependentKernel>(
    process: &Process,
    kernel: &K,
    size: u32,
    mut instance: K::Instance,
    kept: &mut Kept,
) -> wasmtime::Result<()> {
    for id in 0..size {
        let end = |error: &wasmtime::Error| process.end(|| Outcome::of_error(error, Some((id, size))));
        kernel.call(&mut instance, id, size).inspect_err(end)?;
    }
    kernel.keep(instance, kept);
    Ok(())
}

/// The iterations of a launch, while they are on their way.
struct Batch<K> {
    process: Arc<Process>,
    kernel: K,
    size: u32,
    /// How many iterations a thread takes at once.
    chunk: u32,
    /// The most helpers that it has work for.
    wanted: u32,
    /// How often it has asked for a helper. Relaxed: a quota, which orders nothing.
    asked: AtomicU32,
    /// The first iteration that no thread has taken. Relaxed: it deals out numbers; what a helper does is ordered by `inside` and `left`.
    next: CachePadded<AtomicU64>,
    /// An iteration has failed: threads that run others can stop. Relaxed: a hint, see [`Batch::close`] for what the caller relies on.
    stopped: AtomicBool,
    /// How many helpers are inside, and [`CLOSED`].
    inside: AtomicU32,
    /// Becomes 1 when the last helper leaves a closed launch.
    left: WaitWord,
}

/// The bit of `Batch::inside` that keeps out helpers that are not inside.
const CLOSED: u32 = 1 << 31;

/// How often each thread comes for iterations if all are equally fast: often enough that slow ones hardly hold up the others.
const CHUNKS_PER_THREAD: u32 = 16;

impl<K: IndependentKernel> Batch<K> {
    fn new(process: &Arc<Process>, kernel: K, size: u32) -> Self {
        let threads = process.helpers.threads.saturating_add(1);
        Self {
            process: Arc::clone(process),
            kernel,
            size,
            chunk: (size / threads.saturating_mul(CHUNKS_PER_THREAD)).max(1),
            wanted: process.helpers.threads.min(size.saturating_sub(1)),
            asked: AtomicU32::new(0),
            next: CachePadded::default(),
            stopped: AtomicBool::new(false),
            inside: AtomicU32::new(0),
            left: WaitWord::default(),
        }
    }

    fn has_iterations(&self) -> bool {
        self.next.load(Ordering::Relaxed) < u64::from(self.size)
    }

    /// Takes the next iterations that no thread has taken.
    fn take(&self) -> Option<Range<u32>> {
        // A look first, so that threads that come too late do not push the counter on.
        if !self.has_iterations() {
            return None;
        }
        let first = self.next.fetch_add(self.chunk.into(), Ordering::Relaxed);
        let first = u32::try_from(first).ok().filter(|first| *first < self.size)?;
        Some(first..first.saturating_add(self.chunk).min(self.size))
    }

    /// Runs iterations until none is left. The first error of all threads ends the launch, and the program.
    fn iterate(&self, instance: &mut K::Instance) -> wasmtime::Result<()> {
        while let Some(ids) = self.take() {
            for id in ids {
                if self.stopped.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let fail = |error: &wasmtime::Error| self.fail(error, Some((id, self.size)));
                self.kernel.call(instance, id, self.size).inspect_err(fail)?;
            }
        }
        Ok(())
    }

    fn fail(&self, error: &wasmtime::Error, thread: Option<(u32, u32)>) {
        self.stopped.store(true, Ordering::Relaxed);
        self.next.store(self.size.into(), Ordering::Relaxed);
        self.process.end(|| Outcome::of_error(error, thread));
    }

    /// Lets a helper in, unless the launch is closed.
    fn enter(&self) -> bool {
        let enter = |inside: u32| (inside & CLOSED == 0).then_some(inside + 1);
        // Acquire: the caller may have closed it; nothing else is read because of it. What the launch is was handed over by the pool.
        self.inside.fetch_update(Ordering::Acquire, Ordering::Relaxed, enter).is_ok()
    }

    /// A helper has done its last iteration.
    fn leave(&self) {
        // Release: the caller sees what the iterations did, whether it finds no helper inside or waits for the signal. Acquire: the last
        // one signals for all.
        if self.inside.fetch_sub(1, Ordering::AcqRel) == CLOSED | 1 {
            self.left.signal(1, 1);
        }
    }

    /// Keeps out helpers that have not come, and waits for those inside: then what all of them did is visible to the caller.
    fn close(&self, waiters: &Waiters) -> Result<(), Interrupted> {
        // Acquire: see `leave`.
        if self.inside.fetch_or(CLOSED, Ordering::AcqRel) != 0 {
            waiters.wait(&self.left, 0)?;
        }
        Ok(())
    }

    /// Whether one more helper should be asked; counts it.
    fn wants_more(&self) -> bool {
        self.wanted > 0 && self.has_iterations() && self.asked.fetch_add(1, Ordering::Relaxed) < self.wanted
    }
}

/// A launch as helpers see it, whatever its kernel.
trait Help: Send + Sync {
    /// Runs iterations on the calling thread, which has kept these instances, until none is left.
    fn help(self: Arc<Self>, kept: &mut Kept);
}

impl<K: IndependentKernel> Help for Batch<K> {
    fn help(self: Arc<Self>, kept: &mut Kept) {
        if !self.enter() {
            return;
        }
        let _left = LeaveOnDrop(&*self);
        for _ in 0..2 {
            self.process.helpers.ask(&self);
        }
        match self.kernel.instance(&self.process, kept) {
            // The others can do without.
            Err(error) if error.is::<OutOfMemory>() => {}
            Err(error) => self.fail(&error, None),
            Ok(mut instance) => {
                // Its error has ended the program.
                if self.iterate(&mut instance).is_ok() {
                    self.kernel.keep(instance, kept);
                }
            }
        }
    }
}

/// Makes a helper leave its launch when it is dropped, also if the helper panics: the caller would wait for it for ever. A panic ends the
/// program, too.
struct LeaveOnDrop<'l, K: IndependentKernel>(&'l Batch<K>);

impl<K: IndependentKernel> Drop for LeaveOnDrop<'_, K> {
    fn drop(&mut self) {
        drop(EndOnPanic { process: &self.0.process, thread: None });
        self.0.leave();
    }
}

/// The threads of a program that help with independent iterations, made when there are some, and the launches that they are to help with.
pub(crate) struct Helpers {
    /// How many there are: with the calling thread, one for each processor.
    threads: u32,
    pool: RwLock<State>,
    /// The launches that ask for help, in order: each as often as it asks for a helper.
    asking: Mutex<VecDeque<Arc<dyn Help>>>,
    /// How many of those no helper has claimed. A launch that asks changes `pending`, then looks at `awake`; a helper that falls asleep
    /// changes `awake`, then looks at `pending`. All are sequentially consistent: so either the launch sees that no helper is awake, and
    /// wakes one, or the helper sees that a launch asks.
    pending: CachePadded<AtomicUsize>,
    /// How many helpers look at `pending` now.
    awake: CachePadded<AtomicUsize>,
}

/// Whether there is a pool.
enum State {
    /// Not yet: the first launch that asks for help starts it.
    NotStarted,
    /// Its threads are there.
    Running(Pool),
    /// The program has ended, or there are no threads to be had: callers do their iterations alone.
    Without,
}

/// The pool: rayon's scheduling, on threads of our own.
struct Pool {
    rayon: ThreadPool,
    /// To be joined when the program ends.
    threads: Vec<JoinHandle<()>>,
}

impl Helpers {
    /// The helpers of a program that uses so many processors. No thread is started yet.
    pub(crate) fn new(procs: usize) -> Self {
        let threads = u32::try_from(procs).unwrap_or(u32::MAX).saturating_sub(1);
        Self {
            threads,
            pool: RwLock::new(if threads == 0 { State::Without } else { State::NotStarted }),
            asking: Mutex::default(),
            pending: CachePadded::default(),
            awake: CachePadded::default(),
        }
    }

    /// Asks a thread to help with a launch, if that has work for one more.
    fn ask<K: IndependentKernel>(&self, launch: &Arc<Batch<K>>) {
        if launch.wants_more() {
            self.asking().push_back(Arc::clone(launch) as Arc<dyn Help>);
            self.pending.fetch_add(1, Ordering::SeqCst);
            self.wake(&launch.process);
        }
    }

    /// Wakes a thread, if launches ask for help and no helper is looking for them.
    fn wake(&self, process: &Arc<Process>) {
        if self.pending.load(Ordering::SeqCst) == 0 || self.awake.load(Ordering::SeqCst) != 0 {
            return;
        }
        if matches!(*self.state(), State::NotStarted) {
            self.start(process);
        }
        match &*self.state() {
            State::Running(pool) => {
                let process = Arc::clone(process);
                pool.rayon.spawn(move || process.helpers.serve(&process));
            }
            // No helper will come: the launch must not stay in the queue.
            State::NotStarted | State::Without => drop(self.next()),
        }
    }

    /// What a thread of the pool does while it is awake: helps with launches as long as some ask, or may soon.
    fn serve(&self, process: &Arc<Process>) {
        process.waiters.thread_started();
        let mut kept = KEPT.take();
        let mut next = self.next();
        loop {
            while let Some(launch) = next {
                // Other launches may be asking, for which no thread has been woken because this one was looking.
                self.wake(process);
                launch.help(&mut kept);
                next = self.next();
            }
            self.awake.fetch_add(1, Ordering::SeqCst);
            let found = process.waiters.look_for(|| self.next());
            self.awake.fetch_sub(1, Ordering::SeqCst);
            next = match found {
                Ok(found @ Some(_)) => found,
                Ok(None) => match self.next() {
                    None => break,
                    found => found,
                },
                Err(Interrupted) => break,
            };
        }
        KEPT.set(kept);
        process.waiters.thread_ended();
    }

    /// The launch that has been asking for the longest time. Of many threads that look at the same time, one takes the lock for each
    /// launch that asks.
    fn next(&self) -> Option<Arc<dyn Help>> {
        let claim = |pending: usize| pending.checked_sub(1);
        // The look that `wake` relies on. A launch is in the queue before it is counted, so the helper that has claimed one finds one.
        self.pending.fetch_update(Ordering::SeqCst, Ordering::SeqCst, claim).ok()?;
        self.asking().pop_front()
    }

    fn asking(&self) -> MutexGuard<'_, VecDeque<Arc<dyn Help>>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.pool.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn exchange(&self) -> RwLockWriteGuard<'_, State> {
        self.pool.write().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn start(&self, process: &Process) {
        let mut state = self.exchange();
        if matches!(*state, State::NotStarted) {
            *state = Pool::start(self.threads, process);
        }
    }

    /// Ends and joins the threads, when the program has ended.
    pub(crate) fn end(&self, process: &Process) {
        let state = std::mem::replace(&mut *self.exchange(), State::Without);
        if let State::Running(Pool { rayon, threads }) = state {
            drop(rayon);
            join_threads(process, threads.into_iter());
        }
        self.asking().clear();
    }
}

impl Pool {
    /// Starts so many threads, or fewer if there may not be so many. Where there can be none now, there may be later.
    fn start(count: u32, process: &Process) -> State {
        let mut reserved: Vec<Reserved> = (0..count).map_while(|_| process.threads.reserve().ok()).collect();
        if reserved.is_empty() {
            return State::NotStarted;
        }
        let (count, mut threads) = (reserved.len(), Vec::new());
        let start = |rayon: rayon::ThreadBuilder| {
            let procs = process.machine.procs().to_vec();
            let reserved = reserved.pop().ok_or(std::io::ErrorKind::QuotaExceeded)?;
            threads.push(reserved.start(format!("omp2wasi-kernel-{}", rayon.index()), move || {
                // It would otherwise be bound where the thread is that made it.
                bind_thread(0, &procs);
                Engine::tls_eager_initialize();
                rayon.run();
                // Before the thread ends: the instances may have teams, whose threads end with them.
                drop(KEPT.take());
            })?);
            Ok(())
        };
        let pool = ThreadPoolBuilder::new().num_threads(count).spawn_handler(start);
        // A panic has ended the program: see `LeaveOnDrop`.
        match pool.panic_handler(|_| {}).build() {
            Ok(rayon) => State::Running(Self { rayon, threads }),
            Err(_) => State::Without,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::cpu::machine::Machine;
    use crate::error::Outcome;
    use crate::program::{Interruption, Program, engine};
    use std::sync::Arc;

    /// Runs a module that launches kernel 0 with `launch`, on more threads than any test machine should need.
    fn run(fields: &str) -> Outcome {
        let text = format!(
            r#"(module
              (import "wasi_ephemeral_parallel" "parallel_for"
                (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (memory (export "memory") 1)
              (table 1 funcref) (elem (i32.const 0) $kernel)
              (func $launch (param $size i32)
                (if (call $parallel_for (i32.const 0) (local.get $size) (i32.const 1)
                      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
                  (then (unreachable))))
              {fields})"#
        );
        let program = Program::new(&engine(Interruption::AtHostCalls).unwrap(), text.as_bytes()).unwrap();
        program.run(Config::default().machine(Arc::new(Machine::with((0..16).collect()))))
    }

    /// Launches of each size up to 600, one after the other, count what they run.
    #[test]
    fn every_iteration_runs_once_whoever_helps() {
        let outcome = run(r#"
            (func $kernel (param $id i32) (param i32 i32)
              (drop (i32.atomic.rmw.add (i32.mul (local.get $id) (i32.const 4)) (i32.const 1))))
            (func (export "_start") (result i32) (local $i i32)
              (loop $next
                (call $launch (local.get $i))
                (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 600))))
              (local.set $i (i32.const 0))
              ;; Iteration i is in the launches of i + 1 to 599.
              (loop $next
                (if (i32.ne (i32.load (i32.mul (local.get $i) (i32.const 4))) (i32.sub (i32.const 599) (local.get $i)))
                  (then (return (i32.const 1))))
                (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 600))))
              (i32.const 0))"#);
        assert!(matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
    }

    #[test]
    fn one_of_many_ends_the_program() {
        for _ in 0..20 {
            let outcome = run(r#"
                (func $kernel (param $id i32) (param i32 i32)
                  (if (i32.eq (local.get $id) (i32.const 1000)) (then (unreachable))))
                (func (export "_start") (call $launch (i32.const 2000)))"#);
            assert!(matches!(&outcome, Outcome::Trapped(trap) if trap.thread == Some((1000, 2000))), "{outcome:?}");
        }
    }

    /// What a kernel does to the table of the instance that it runs on, no later launch may see.
    #[test]
    fn launches_leave_no_trace_in_instances() {
        let outcome = run(r#"
            (func $kernel (param $id i32) (param i32 i32)
              (if (i32.load (i32.const 0))
                (then (if (i32.ne (table.size) (i32.const 1)) (then (i32.store (i32.const 4) (i32.const 1)))))
                (else (drop (table.grow (ref.null func) (i32.const 1))))))
            (func (export "_start") (result i32)
              (call $launch (i32.const 100))
              (i32.store (i32.const 0) (i32.const 1))
              (call $launch (i32.const 100))
              (i32.load (i32.const 4)))"#);
        assert!(matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
    }

    /// Long enough that all helpers come.
    #[test]
    fn iterations_may_take_their_time() {
        let outcome = run(r#"
            (func $kernel (param $id i32) (param i32 i32) (local $i i32)
              (loop $next
                (drop (call $yield))
                (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $id)))))
            (func (export "_start") (call $launch (i32.const 200)) (call $launch (i32.const 200)))"#);
        assert!(matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
    }
}
