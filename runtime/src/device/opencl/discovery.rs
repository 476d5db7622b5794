//! Finds the OpenCL devices of the machine. The OpenCL library is loaded when they are first asked for; without it there are none.
//!
//! Invariant: the list is made once in a process, so a device's number means the same device for as long as the process runs.

use crate::device::Kind;
use opencl3::device::{CL_DEVICE_TYPE_ALL, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU, Device};
use opencl3::platform::get_platforms;
use opencl3::types::cl_device_id;
use std::sync::OnceLock;

/// A device that can be opened.
pub(super) struct Found {
    /// OpenCL's id.
    pub id: cl_device_id,
    /// Its name, and in parentheses its platform's.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

// SAFETY: an id is a name that OpenCL gives out and never takes back; its functions may be called from any thread.
unsafe impl Send for Found {}
// SAFETY: as above.
unsafe impl Sync for Found {}

/// The devices that are there and have a compiler, platform by platform.
pub(super) fn found() -> &'static [Found] {
    static FOUND: OnceLock<Vec<Found>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let platforms = get_platforms().unwrap_or_default();
        platforms.iter().flat_map(of_platform).collect()
    })
}

fn of_platform(platform: &opencl3::platform::Platform) -> Vec<Found> {
    let platform_name = platform.name().unwrap_or_default();
    let usable = |id: &cl_device_id| {
        let device = Device::new(*id);
        device.available().unwrap_or(false) && device.compiler_available().unwrap_or(false)
    };
    let describe = |id| {
        let device = Device::new(id);
        let types = device.dev_type().unwrap_or(0);
        let kind = if types & CL_DEVICE_TYPE_GPU != 0 {
            Kind::Gpu
        } else if types & CL_DEVICE_TYPE_CPU != 0 {
            Kind::Cpu
        } else {
            Kind::Other
        };
        let name = format!("{} ({})", device.name().unwrap_or_default().trim(), platform_name.trim());
        Found { id, name, kind }
    };
    let ids = platform.get_devices(CL_DEVICE_TYPE_ALL).unwrap_or_default();
    ids.into_iter().filter(usable).map(describe).collect()
}
