//! Which wheels hold the libraries, for each platform: their names, sizes and SHA-256.
//!
//! The names and hashes are those that pip reports (`pip install --dry-run --report`) for Python 3.11; only the native
//! libraries inside are used, so the user's own Python version does not matter. To move to another release, change the
//! tables, and with them `tch` or `ort` in the workspace's `Cargo.toml`.

use std::env;

use anyhow::Result;

use crate::stop::Stop;

mod linux_aarch64;
mod linux_x86_64;
mod macos_arm64;

/// The Python whose wheels are taken.
pub(crate) const PYTHON: &str = "3.11";

/// Every platform that can be set up; the first is the one that is tested.
const PLATFORMS: &[&Pins] = &[&linux_x86_64::PINS, &linux_aarch64::PINS, &macos_arm64::PINS];

/// One wheel, pinned.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// Its file name, which by its standard (PEP 427) carries name, version and platform.
    pub(crate) file: &'static str,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub(crate) sha256: &'static str,
    /// Size of the file, for the announcement.
    pub(crate) bytes: u64,
}

/// The wheels of one platform.
#[derive(Debug)]
pub(crate) struct Pins {
    /// What a person calls it.
    pub(crate) platform: &'static str,
    /// As in [`std::env::consts::OS`].
    os: &'static str,
    /// As in [`std::env::consts::ARCH`].
    arch: &'static str,
    /// The wheel with libtorch in it.
    pub(crate) torch: Wheel,
    /// What its CPU part cannot be loaded without. (The wheel is built with CUDA, so even that part names two of its libraries.)
    pub(crate) needed: &'static [Wheel],
    /// What its CUDA part needs on top; empty where there is none.
    pub(crate) cuda: &'static [Wheel],
    /// The wheel with ONNX Runtime in it.
    pub(crate) onnxruntime: Wheel,
}

impl Wheel {
    /// The package's name, as pip takes it.
    pub(crate) fn name(&self) -> String {
        self.part(0).replace('_', "-")
    }

    /// The package's version.
    pub(crate) fn version(&self) -> &'static str {
        self.part(1)
    }

    /// The platform tag to ask pip for; of several, the first does.
    pub(crate) fn tag(&self) -> &'static str {
        self.part(4).split('.').next().unwrap_or_default()
    }

    fn part(&self, index: usize) -> &'static str {
        let stem = self.file.strip_suffix(".whl").unwrap_or(self.file);
        stem.split('-').nth(index).unwrap_or_default()
    }
}

impl Pins {
    /// A short name for folders.
    pub(crate) fn slug(&self) -> String {
        format!("{}-{}", self.os, self.arch)
    }
}

/// The wheels for the machine that we run on.
///
/// # Errors
/// Where it is none of the platforms in the table.
pub(crate) fn here() -> Result<&'static Pins> {
    let glibc = !cfg!(target_env = "musl");
    let pins = find(env::consts::OS, env::consts::ARCH).filter(|_| glibc);
    pins.ok_or_else(|| {
        let known: Vec<_> = PLATFORMS.iter().map(|pins| pins.platform).collect();
        Stop::user(format!(
            "no libraries are pinned for {} {}{} (only for {}): set LIBTORCH to a libtorch 2.11.0 folder and ORT_DYLIB_PATH to an ONNX Runtime library of your own",
            env::consts::ARCH,
            env::consts::OS,
            if glibc { "" } else { " with musl" },
            known.join(", ")
        ))
    })
}

fn find(os: &str, arch: &str) -> Option<&'static Pins> {
    PLATFORMS.iter().copied().find(|pins| (pins.os, pins.arch) == (os, arch))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn all(pins: &'static Pins) -> impl Iterator<Item = &'static Wheel> {
        [&pins.torch, &pins.onnxruntime].into_iter().chain(pins.needed).chain(pins.cuda)
    }

    #[test]
    fn there_is_a_row_for_each_platform() {
        for (os, arch) in [("linux", "x86_64"), ("linux", "aarch64"), ("macos", "aarch64")] {
            assert!(find(os, arch).is_some(), "{os} {arch}");
        }
        assert!(find("windows", "x86_64").is_none());
    }

    #[test]
    fn names_carry_what_pip_is_asked() {
        for wheel in PLATFORMS.iter().copied().flat_map(all) {
            assert!(
                wheel.tag().starts_with("manylinux") || wheel.tag().starts_with("macosx"),
                "{}",
                wheel.file
            );
            assert!(wheel.version().starts_with(|first: char| first.is_ascii_digit()), "{}", wheel.file);
            assert!(["cp311", "py3"].contains(&wheel.part(2)), "{}", wheel.file);
        }
        let runtime = &linux_x86_64::PINS.needed[1];
        assert_eq!(
            (runtime.name(), runtime.version(), runtime.tag()),
            ("nvidia-cuda-runtime".into(), "13.0.96", "manylinux2014_x86_64")
        );
    }

    #[test]
    fn hashes_are_whole_and_distinct() {
        let mut seen = HashSet::new();
        for wheel in PLATFORMS.iter().copied().flat_map(all) {
            assert!(
                wheel.sha256.len() == 64
                    && wheel.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')),
                "{}",
                wheel.file
            );
            assert!(seen.insert(wheel.sha256), "{}", wheel.file);
        }
    }

    #[test]
    fn platforms_agree_on_versions() {
        let versions = |wheel: fn(&Pins) -> &Wheel| {
            PLATFORMS.iter().map(|pins| wheel(pins).version()).collect::<HashSet<_>>()
        };
        assert_eq!(versions(|pins| &pins.torch), HashSet::from(["2.11.0"]));
        assert_eq!(versions(|pins| &pins.onnxruntime).len(), 1);
    }
}
