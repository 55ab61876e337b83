//! Gives what links libtorch a search path of its own, so that no program or test needs `LD_LIBRARY_PATH`.
//! `tests/build.rs` runs this file too.

use std::{
    env,
    path::{Path, PathBuf},
};

/// What decides where torch-sys, the crate that builds against libtorch, finds it.
const VARIABLES: [&str; 3] = ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"];

/// The folder of the libraries, by the rules of torch-sys.
fn libraries() -> Option<PathBuf> {
    let root = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH"))?;
    Some(Path::new(&root).join("lib"))
}

/// The folder by its real name: a program is not to depend on the link that a clone's `.deps` holds.
fn real(folder: &Path) -> Option<PathBuf> {
    let there = ["libtorch_cpu.so", "libtorch_cpu.dylib"].iter().any(|name| folder.join(name).exists());
    folder.canonicalize().ok().filter(|_| there)
}

fn link(folder: &Path) {
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    let cuda = folder.join("libtorch_cuda.so");
    if cuda.exists() {
        // We call nothing in it, so the linker would leave it out; but being loaded is what makes libtorch know CUDA.
        println!("cargo::rustc-link-arg=-Wl,--no-as-needed,{},--as-needed", cuda.display());
    }
}

/// Reruns this script when `cargo xtask setup` has linked another libtorch at the same path.
fn watch_link() {
    let stamp = env::var_os("LIBTORCH").map(|root| Path::new(&root).with_file_name("stamp"));
    if let Some(stamp) = stamp.filter(|stamp| stamp.exists()) {
        println!("cargo::rerun-if-changed={}", stamp.display());
    }
}

/// Emits the linker arguments, or says what to do where there is no libtorch.
pub(crate) fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in VARIABLES {
        println!("cargo::rerun-if-env-changed={name}");
    }
    watch_link();
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        // Only torch-sys knows which folder that is; whoever sets it also sets the library path.
        return;
    }
    let found = libraries();
    match found.as_deref().and_then(real) {
        Some(folder) => link(&folder),
        None => println!(
            "cargo::error=libtorch not found at {}; run `cargo xtask setup`",
            found.unwrap_or_else(|| "LIBTORCH".into()).display()
        ),
    }
}
