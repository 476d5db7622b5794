//! Compilers that run: each with all that it starts in a process group of its own, with limits, and ended with all of that.
//!
//! Invariant: the leader of a group that is listed has not been waited for, so that the group's number is nobody else's.

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process_group, prlimit, waitid};
use std::io::{Error, Result};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// The groups that there are; 0 where there is none. More than this at a time are not listed.
static GROUPS: [AtomicI32; 64] = [const { AtomicI32::new(0) }; 64];

/// Whether this process ends its compilers: then no more are started.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Ends the compilers of native code that run, with all that they have started.
///
/// For who ends this process before programs have ended: compilers have a process group of their own, so what a terminal sends to
/// this one's does not reach them. Those that are started later end at once. It only loads atomics and sends signals, so that signal handlers may call it.
pub fn end_compilers() {
    // Sequentially consistent, as in `start`: either this finds a new group in the list, or who has listed it finds this.
    IS_ENDING.store(true, Ordering::SeqCst);
    for group in &GROUPS {
        end(group.load(Ordering::SeqCst));
    }
}

/// Ends a group, if that is one's number.
fn end(group: i32) {
    if let Some(group) = Pid::from_raw(group) {
        // It fails if they have ended, which is what it is for.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// A compiler that runs; it is ended when this is dropped.
pub(super) struct Running {
    child: Child,
    /// Where its group is listed.
    listed: Option<&'static AtomicI32>,
    /// Whether it has been waited for.
    is_over: bool,
}

impl Running {
    /// Starts a compiler, each of whose processes can use no more than `limits`: kinds of resources, and how much.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(command: &mut Command, limits: [(Resource, u64); 4]) -> Result<Self> {
        let child = command.process_group(0).spawn()?;
        let group = child.id() as i32;
        // Sequentially consistent: see `end_compilers`; whoever finds 0 in a place takes it.
        let take = |place: &&AtomicI32| place.compare_exchange(0, group, Ordering::SeqCst, Ordering::Relaxed).is_ok();
        let running = Self { child, listed: GROUPS.iter().find(take), is_over: false };
        if IS_ENDING.load(Ordering::SeqCst) {
            end(group);
        }
        for (resource, most) in limits {
            // What cannot be limited is not.
            let _ = prlimit(Pid::from_raw(group), resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
        Ok(running)
    }

    /// Whether the compiler itself has ended.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub(super) fn has_ended(&self) -> Result<bool> {
        let pid = Pid::from_raw(self.child.id() as i32).ok_or_else(|| Error::from(std::io::ErrorKind::NotFound))?;
        // It stays to be waited for.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        Ok(waitid(WaitId::Pid(pid), options)?.is_some())
    }

    /// How a compiler that has ended did so.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub(super) fn finish(mut self) -> Result<ExitStatus> {
        self.end()
    }

    /// Ends what there still is of it.
    fn end(&mut self) -> Result<ExitStatus> {
        end(self.child.id() as i32);
        if let Some(listed) = self.listed.take() {
            // Relaxed: `end_compilers` may have read the number just before, and signal it when the group is gone. Numbers go round before one
            // is given again, so that is accepted.
            listed.store(0, Ordering::Relaxed);
        }
        self.is_over = true;
        self.child.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over {
            // Nobody asks how it ended.
            let _ = self.end();
        }
    }
}
