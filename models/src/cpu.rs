//! The runtime's own files.

#[path = "../../runtime/src/cpu/dock.rs"]
pub(crate) mod dock;
#[expect(dead_code, reason = "the runtime uses all of it")]
#[path = "../../runtime/src/cpu/wait.rs"]
pub(crate) mod wait;
