//! `cargo xtask device-build`: `noisydarts-evaluate` as one small file for a device.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{cargo, place, stop::Stop};

/// The most that the file may have.
const LIMIT: u64 = 15 << 20;

/// The Android release that programs are linked for: 7.0, the first with all that Rust's standard library uses.
const ANDROID_API: u32 = 24;

/// Adds the target, finds its linker, builds, and says where the file is and what it needs.
///
/// # Errors
/// Where the linker is missing or the build fails, and where the file is too large or needs more than the C library.
pub(crate) fn run(target: Option<&str>, ort: bool) -> Result<()> {
    let target = target.map_or_else(|| format!("{}-unknown-linux-gnu", env::consts::ARCH), String::from);
    add(&target)?;
    let mut command = cargo::cargo(&["build", "--profile", "device", "--package", "evaluate"]);
    command.args(["--no-default-features", "--bin", "noisydarts-evaluate", "--target", &target]);
    if ort {
        command.args(["--features", "ort"]);
    }
    for (name, program) in tools(&target)? {
        // What the user has set wins.
        if env::var_os(&name).is_none() {
            command.env(name, program);
        }
    }
    cargo::run(command)?;
    let file = folder()?.join(&target).join("device/noisydarts-evaluate");
    check(&file)
}

/// Fetches Rust's standard library for the target, where rustup is there to do it.
fn add(target: &str) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target]);
    let line = cargo::typed(&rustup);
    if let Ok(status) = rustup.current_dir(place::root()).status() {
        return cargo::checked(line, status);
    }
    eprintln!("xtask: there is no rustup here; the target {target} must be installed already");
    Ok(())
}

/// The variables that tell cargo and the crate `cc` which compiler links for a target, where the system's own does not.
fn tools(target: &str) -> Result<Vec<(String, PathBuf)>> {
    let (arch, rest) = target.split_once('-').ok_or_else(|| {
        Stop::user(format!("failed to use the target {target:?}: expected ARCH-VENDOR-SYSTEM"))
    })?;
    let here = arch == env::consts::ARCH;
    let compiler = match rest {
        "unknown-linux-gnu" if here => return Ok(Vec::new()),
        "unknown-linux-musl" if here => on_path("musl-gcc", "musl-tools")?,
        // A target for musl brings it along; the compiler assembles and links.
        "unknown-linux-gnu" | "unknown-linux-musl" => {
            on_path(&format!("{arch}-linux-gnu-gcc"), &format!("gcc-{}-linux-gnu", arch.replace('_', "-")))?
        }
        "linux-android" => ndk(arch)?,
        _ => return Ok(Vec::new()),
    };
    let name = target.replace('-', "_");
    let mut tools = vec![
        (format!("CARGO_TARGET_{}_LINKER", name.to_uppercase()), compiler.clone()),
        (format!("CC_{name}"), compiler.clone()),
    ];
    if rest == "linux-android" {
        tools.push((format!("AR_{name}"), compiler.with_file_name("llvm-ar")));
    }
    Ok(tools)
}

fn on_path(program: &str, package: &str) -> Result<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&folders).any(|folder| folder.join(program).is_file()) {
        return Ok(program.into());
    }
    Err(Stop::user(format!("failed to find {program}: on Debian, apt install {package}")))
}

/// The compiler of Android's native development kit.
fn ndk(arch: &str) -> Result<PathBuf> {
    let way_out = "set ANDROID_NDK_HOME to Android's NDK (developer.android.com/ndk/downloads)";
    let none = || Stop::user(format!("failed to find Android's compiler: {way_out}"));
    let ndk = place::own("ANDROID_NDK_HOME").or_else(|| place::own("ANDROID_NDK_ROOT")).ok_or_else(none)?;
    let hosts = ndk.join("toolchains/llvm/prebuilt");
    let hosts =
        fs::read_dir(&hosts).with_context(|| format!("failed to read {}: {way_out}", hosts.display()))?;
    let name = format!("bin/{arch}-linux-android{ANDROID_API}-clang");
    let found = hosts.filter_map(|host| Some(host.ok()?.path().join(&name))).find(|path| path.is_file());
    found.with_context(|| format!("failed to find {name} in {}: {way_out}", ndk.display()))
}

/// Where cargo puts what it builds.
fn folder() -> Result<PathBuf> {
    let programs = place::programs()?;
    Ok(programs.parent().map(Path::to_path_buf).unwrap_or(programs))
}

/// Says what was built; refuses what is too large, or needs libraries that a device may not have.
fn check(file: &Path) -> Result<()> {
    let size = fs::metadata(file).with_context(|| format!("failed to find {}", file.display()))?.len();
    let libraries = libraries(file);
    let needs = match &libraries {
        None => "libraries unknown (readelf is missing)".into(),
        Some(list) if list.is_empty() => "no dynamic libraries".into(),
        Some(list) => list.join(", "),
    };
    println!("{}: {size} bytes ({:.1} MiB); {needs}", file.display(), size as f64 / f64::from(1 << 20));
    if size > LIMIT {
        bail!("failed to keep it small: {size} bytes are more than {LIMIT}");
    }
    let foreign: Vec<String> = libraries.into_iter().flatten().filter(|name| !is_c(name)).collect();
    if !foreign.is_empty() {
        bail!("failed to keep it alone: it needs {}", foreign.join(", "));
    }
    Ok(())
}

/// The libraries that a file names, as `readelf` tells for any architecture.
fn libraries(file: &Path) -> Option<Vec<String>> {
    let output =
        Command::new("readelf").arg("-d").arg(file).output().ok().filter(|out| out.status.success())?;
    Some(needed(&String::from_utf8_lossy(&output.stdout)))
}

fn needed(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains("(NEEDED)"));
    lines.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_string())).collect()
}

/// Whether a library belongs to the C library: its loader, its mathematics, threads and unwinder.
fn is_c(name: &str) -> bool {
    ["libc.", "libm.", "libdl.", "libpthread.", "libgcc_s.", "ld-"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_by_readelf() {
        let text = " 0x0000000000000001 (NEEDED)  Shared library: [libgcc_s.so.1]\n \
                    0x0000000000000001 (NEEDED)  Shared library: [libc.so.6]\n \
                    0x000000000000000c (INIT)    0x1000\n";
        assert_eq!(needed(text), ["libgcc_s.so.1", "libc.so.6"]);
        assert!(needed(text).iter().all(|name| is_c(name)) && !is_c("libstdc++.so.6"));
    }

    #[test]
    fn targets_and_their_tools() {
        let own = format!("{}-unknown-linux-gnu", env::consts::ARCH);
        assert_eq!(tools(&own).unwrap(), []);
        assert!(tools("nonsense").is_err());
        let error = on_path("no-such-compiler", "gcc-nowhere").unwrap_err().to_string();
        assert_eq!(error, "failed to find no-such-compiler: on Debian, apt install gcc-nowhere");
    }
}
