//! `cargo xtask setup`: the native libraries, fetched once into a cache, linked into this clone.
//!
//! The cache holds one folder per library, version, platform and device. A folder is there whole or not at all: it is
//! filled under another name and renamed at the end. Wheels that an interrupted set-up has fetched wait in `wheels/`.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    time::Instant,
};

use anyhow::Result;

use crate::{
    pins::{self, Pins},
    place, stop,
};

pub(crate) use device::DeviceChoice;
use own::Own;
use part::Part;

mod device;
mod fetch;
mod hash;
mod link;
mod marker;
mod onnxruntime;
mod own;
mod part;
mod tools;
mod torch;
mod unpack;

/// Fetches what is missing for this device and links it; quick, and offline, where nothing is.
///
/// # Errors
/// Where a tool, the network or disk space is missing, or a wheel is not the pinned one.
pub(crate) fn run(choice: DeviceChoice) -> Result<()> {
    let start = Instant::now();
    tools::compiler()?;
    let own = Own::find()?;
    own.announce();
    let parts = wanted(&own, choice)?;
    if !parts.is_empty() {
        let cache = place::cache()?;
        provide(&parts, &cache)?;
        link::all(&parts, &cache)?;
        tell(&parts, &cache);
    }
    eprintln!(
        "set up in {:.1} s: cargo, rust-analyzer and the programs find the libraries from here",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn tell(parts: &[Part], cache: &Path) {
    for part in parts {
        eprintln!("{}: {}", part.title, place::shown(&part.place(cache)));
    }
}

/// Sets up what is missing, and says nothing where nothing is. A device chosen by hand earlier stays chosen.
///
/// # Errors
/// As [`run`].
pub(crate) fn ensure() -> Result<()> {
    let own = Own::find()?;
    let torch =
        own.libtorch.is_some() || linked(|pins| device::EACH.map(|device| torch::part(pins, device)).into());
    let onnxruntime = own.onnxruntime.is_some() || linked(|pins| vec![onnxruntime::part(pins)]);
    if torch && onnxruntime { Ok(()) } else { run(DeviceChoice::Auto) }
}

/// Whether this clone's links lead to one of these parts.
fn linked(parts: impl Fn(&'static Pins) -> Vec<Part>) -> bool {
    pins::here().is_ok_and(|pins| parts(pins).iter().any(Part::linked))
}

/// The parts that we are to provide: all but the user's own.
fn wanted(own: &Own, choice: DeviceChoice) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    if own.libtorch.is_none() {
        let pins = pins::here()?;
        parts.push(torch::part(pins, choice.device(pins)?));
    }
    if own.onnxruntime.is_none() {
        parts.push(onnxruntime::part(pins::here()?));
    }
    Ok(parts)
}

/// Makes the cache hold every part.
fn provide(parts: &[Part], cache: &Path) -> Result<()> {
    if parts.iter().all(|part| part.complete(cache)) {
        return Ok(());
    }
    let pip = tools::pip()?;
    let wheels = cache.join("wheels");
    fs::create_dir_all(&wheels).map_err(|error| stop::writing(&wheels, error))?;
    let _lock = lock(cache)?;
    // Another set-up may have provided some while we waited for the lock.
    for part in parts.iter().filter(|part| !part.complete(cache)) {
        let fetched = fetch::all(&pip, part, &wheels)?;
        unpack::part(part, &fetched, &part.place(cache))?;
        // Unpacked, a wheel is of no more use; one that cannot be deleted does no harm.
        for wheel in fetched {
            fs::remove_file(wheel).ok();
        }
    }
    Ok(())
}

/// Keeps other set-ups off the cache until the file is dropped, however this process ends.
fn lock(cache: &Path) -> Result<File> {
    let path = cache.join("lock");
    let file = File::create(&path).map_err(|error| stop::writing(&path, error))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {
            eprintln!("waiting for another set-up that is filling {}", place::shown(cache));
        }
        Err(TryLockError::Error(error)) => return Err(stop::writing(&path, error)),
    }
    file.lock().map_err(|error| stop::writing(&path, error))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_up_at_a_time() {
        let cache = tempfile::tempdir().unwrap();
        let held = lock(cache.path()).unwrap();
        let other = File::create(cache.path().join("lock")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
