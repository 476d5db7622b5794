//! Finds the devices that a user's words mean.
//!
//! Invariant: a selector is resolved once, into [`DeviceId`]s; only those are kept in a configuration, and given to [`open`].

use super::{BACK_ENDS, Candidate, Device, DeviceError, DeviceId, Kind, OpenOptions};

/// All devices of this machine, GPUs first; none where there is no driver for any.
///
/// This loads the drivers. PoCL's takes over the signal of a division by zero, which Wasmtime needs, unless the environment has
/// `POCL_SIGFPE_HANDLER=0` by then.
#[must_use]
pub fn candidates() -> Vec<Candidate> {
    let of_back_end = |(back_end, devices): (usize, &&'static dyn super::BackEnd)| {
        let candidate = move |(number, (name, kind))| Candidate { id: DeviceId { back_end, number }, name, kind };
        devices.candidates().into_iter().enumerate().map(candidate).collect::<Vec<_>>()
    };
    let mut candidates: Vec<Candidate> = BACK_ENDS.iter().enumerate().flat_map(of_back_end).collect();
    candidates.sort_by_key(|candidate| candidate.kind != Kind::Gpu);
    candidates
}

/// The devices that selectors mean, in their order and each once. Selectors have commas between them: `gpu` (all GPUs), `opencl` (all
/// devices), `opencl:N` (the N-th of [`candidates`], from 0), or a part of a name.
///
/// # Errors
/// When there is no device for one of them.
pub fn select(selectors: &str) -> Result<Vec<DeviceId>, DeviceError> {
    resolve(selectors, &candidates())
}

fn resolve(selectors: &str, candidates: &[Candidate]) -> Result<Vec<DeviceId>, DeviceError> {
    let mut selected = Vec::new();
    for selector in selectors.split(',').map(str::trim) {
        let number = selector.strip_prefix("opencl:").map(str::parse::<usize>);
        let is_meant = |(at, device): &(usize, &Candidate)| match (&number, selector) {
            (Some(number), _) => number.as_ref() == Ok(at),
            (None, "opencl") => true,
            (None, "gpu") => device.kind == Kind::Gpu,
            (None, _) => !selector.is_empty() && device.name.to_lowercase().contains(&selector.to_lowercase()),
        };
        let before = selected.len();
        let mut is_known = false;
        for (_, device) in candidates.iter().enumerate().filter(is_meant) {
            // A device that is named twice would have two mirrors.
            if selected.contains(&device.id) {
                is_known = true;
            } else {
                selected.push(device.id);
            }
        }
        if selected.len() == before && !is_known {
            return Err(DeviceError::NoDevice(selector.to_owned()));
        }
    }
    Ok(selected)
}

/// Opens a device.
///
/// # Errors
/// When its driver refuses.
pub fn open(id: DeviceId, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError> {
    BACK_ENDS[id.back_end].open(id.number, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(number: usize, name: &str, kind: Kind) -> Candidate {
        Candidate { id: DeviceId { back_end: 0, number }, name: name.to_owned(), kind }
    }

    #[test]
    fn selectors_mean_each_device_once() {
        let candidates = [
            candidate(1, "Big GPU (Vendor)", Kind::Gpu),
            candidate(0, "A CPU (Vendor)", Kind::Cpu),
            candidate(2, "Another CPU (Else)", Kind::Cpu),
        ];
        let numbers = |selectors: &str| {
            resolve(selectors, &candidates).map(|ids| ids.iter().map(|id| id.number).collect::<Vec<_>>()).ok()
        };
        assert_eq!(numbers("opencl"), Some(vec![1, 0, 2]));
        assert_eq!(numbers("gpu"), Some(vec![1]));
        assert_eq!(numbers("opencl:2, opencl:0,opencl:2"), Some(vec![2, 1]));
        assert_eq!(numbers("cpu,vendor"), Some(vec![0, 2, 1]));
        assert_eq!(numbers("opencl:3"), None);
        assert_eq!(numbers("gpu,none such"), None);
        assert_eq!(numbers(""), None);
    }
}
