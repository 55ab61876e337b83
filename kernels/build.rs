//! Compiles what stands beside libtorch in C++.

use std::{
    env,
    path::{Path, PathBuf},
};

const SOURCES: [&str; 3] = ["src/allocator.cpp", "src/depthwise.cpp", "src/device.cpp"];
const HEADERS: [&str; 1] = ["src/guarded.h"];

fn main() {
    let mut build = cc::Build::new();
    // libtorch's headers warn of much that is not ours to mend.
    build.cpp(true).std("c++17").opt_level(3).warnings(false).include(include());
    build.define("_GLIBCXX_USE_CXX11_ABI", env::var("LIBTORCH_CXX11_ABI").as_deref().unwrap_or("1"));
    build.files(SOURCES).compile("noisydarts_kernels");
    for source in SOURCES.iter().chain(&HEADERS) {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rerun-if-env-changed=LIBTORCH_INCLUDE");
    if let Some(folder) = libraries().and_then(|folder| folder.canonicalize().ok()) {
        // For the tests of this crate.
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
}

/// The folder of libtorch's libraries, as torch-sys found it.
fn libraries() -> Option<PathBuf> {
    env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from)
}

/// The folder of libtorch's headers, beside that of its libraries.
fn include() -> PathBuf {
    let given = env::var_os("LIBTORCH_INCLUDE").map(PathBuf::from);
    let beside = libraries().as_deref().and_then(Path::parent).map(Path::to_path_buf);
    given.or(beside).map_or_else(|| "include".into(), |root| root.join("include"))
}
