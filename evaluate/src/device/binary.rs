//! This program, built for a device.

use std::{
    env, fmt, fs,
    io::Read as _,
    path::{Path, PathBuf},
};

/// A kind of processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arch {
    /// As Rust's target names begin.
    name: &'static str,
    /// As `uname -m` has it.
    machines: &'static [&'static str],
    /// As the head of an ELF file has it.
    elf: u16,
}

/// Source of the numbers: `e_machine` in the System V ABI.
const ARCHS: &[Arch] = &[
    Arch { name: "x86_64", machines: &["x86_64", "amd64"], elf: 62 },
    Arch { name: "aarch64", machines: &["aarch64", "arm64", "armv8l"], elf: 183 },
    Arch { name: "armv7", machines: &["armv7l", "armv7"], elf: 40 },
    Arch { name: "riscv64gc", machines: &["riscv64"], elf: 243 },
];

/// What a target's name may end in, for Android and for other systems; what `cargo xtask device-build` makes comes first.
const ANDROID: &[&str] = &["-linux-android", "-linux-androideabi", "-unknown-linux-musl"];
const LINUX: &[&str] =
    &["-unknown-linux-gnu", "-unknown-linux-musl", "-unknown-linux-gnueabihf", "-unknown-linux-musleabihf"];

/// Cargo's profiles, the best one first.
const PROFILES: &[&str] = &["device", "release"];

const PROGRAM: &str = "noisydarts-evaluate";

impl Arch {
    /// The kind that `uname -m` tells.
    pub(super) fn of_machine(machine: &str) -> Result<Self, String> {
        let known = ARCHS.iter().find(|arch| arch.machines.contains(&machine)).copied();
        known.ok_or_else(|| {
            format!("its processor is of the kind {machine:?}, which this program knows no build for")
        })
    }

    /// The program for a device of this kind: as named, from cargo's target folder, or this one.
    pub(super) fn program(self, named: Option<&Path>, android: bool) -> Result<PathBuf, String> {
        if let Some(path) = named {
            return self.check(path).map(|()| path.into());
        }
        let own = env::current_exe().ok().filter(|_| !android && self.name == env::consts::ARCH);
        self.built(android).or(own).ok_or_else(|| {
            let target = format!("{}{}", self.name, if android { ANDROID[0] } else { LINUX[0] });
            format!(
                "there is no {PROGRAM} for {target}: run `cargo xtask device-build {target}`, or give --device-binary"
            )
        })
    }

    /// What lies in a target folder: that of this program, of the environment, or of the working folder.
    fn built(self, android: bool) -> Option<PathBuf> {
        let own = env::current_exe().ok();
        let above = own.iter().flat_map(|path| path.ancestors().skip(1)).map(Path::to_path_buf);
        let named = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let folders = above.filter(|folder| folder.join("CACHEDIR.TAG").exists()).chain(named);
        let folders: Vec<PathBuf> = folders.chain([PathBuf::from("target")]).collect();
        let ends = if android { ANDROID } else { LINUX };
        let targets = ends.iter().map(|end| format!("{}{end}", self.name));
        let places =
            targets.flat_map(|target| PROFILES.iter().map(move |profile| format!("{target}/{profile}")));
        let places: Vec<String> = places.collect();
        let all = folders.iter().flat_map(|folder| places.iter().map(|place| folder.join(place).join(PROGRAM)));
        all.into_iter().find(|path| path.is_file())
    }

    /// Whether a file is a program for this kind.
    pub(super) fn check(self, path: &Path) -> Result<(), String> {
        let shown = path.display();
        let found = elf_machine(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        match found {
            Some(elf) if elf == self.elf => Ok(()),
            Some(elf) => {
                let known = ARCHS.iter().find(|arch| arch.elf == elf);
                let kind = known.map_or_else(|| format!("ELF machine {elf}"), ToString::to_string);
                Err(format!(
                    "{shown} is built for {kind}, but the device is {self}: give one that is built for it"
                ))
            }
            None => Err(format!("{shown} is no program for Linux or Android")),
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// `e_machine` of an ELF file, little-endian as all that are known here.
fn elf_machine(path: &Path) -> std::io::Result<Option<u16>> {
    let mut head = Vec::new();
    fs::File::open(path)?.take(20).read_to_end(&mut head)?;
    let machine = head.get(18..20).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    Ok(machine.filter(|_| head.starts_with(b"\x7fELF")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(machine: u8) -> Vec<u8> {
        let mut head = vec![0; 20];
        head[..4].copy_from_slice(b"\x7fELF");
        head[18] = machine;
        head
    }

    #[test]
    fn a_program_for_another_processor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let arm = Arch::of_machine("aarch64").unwrap();
        fs::write(&path, elf(183)).unwrap();
        assert_eq!(arm.program(Some(&path), false), Ok(path.clone()));
        fs::write(&path, elf(62)).unwrap();
        let error = arm.program(Some(&path), false).unwrap_err();
        assert!(error.contains("is built for x86_64, but the device is aarch64"), "{error}");
        fs::write(&path, "#!/bin/sh").unwrap();
        assert!(arm.program(Some(&path), false).unwrap_err().ends_with("is no program for Linux or Android"));
        assert!(
            arm.program(Some(Path::new("nowhere")), false).unwrap_err().starts_with("nowhere cannot be read")
        );
    }

    #[test]
    fn a_machine_without_a_build() {
        let error = Arch::of_machine("riscv64").unwrap().program(None, true).unwrap_err();
        assert!(error.contains("run `cargo xtask device-build riscv64gc-linux-android`"), "{error}");
        assert!(Arch::of_machine("s390x").unwrap_err().contains("\"s390x\""));
    }
}
