//! Finds ONNX Runtime's dynamic library.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The library: as named by hand, by `ORT_DYLIB_PATH`, beside this program, in `.deps/onnxruntime` of a folder above this
/// program or above the working folder, or in the cache that `cargo xtask setup` fills.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf> {
    let variable = env::var_os("ORT_DYLIB_PATH").filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named.map(Path::to_path_buf).or(variable) {
        let missing = || std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
        return library(&path).ok_or_else(|| Error::Library { path, source: missing().into() });
    }
    let program = env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let above = [program, env::current_dir().ok()].into_iter().flatten().flat_map(links);
    beside
        .into_iter()
        .chain(above)
        .chain(cached())
        .find_map(|folder| library(&folder))
        .ok_or(Error::NoOnnxRuntime)
}

/// The library that a path stands for: the file itself, or the one in this folder.
fn library(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.into());
    }
    let files = fs::read_dir(path).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(|file| is_library(file)).min()
}

/// `libonnxruntime.so`, `libonnxruntime.so.1.32.0`, `libonnxruntime.1.32.0.dylib`, `onnxruntime.dll`, but no provider's library.
fn is_library(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "onnxruntime.dll"
        || name
            .strip_prefix("libonnxruntime.")
            .is_some_and(|rest| rest.split('.').any(|part| matches!(part, "so" | "dylib")))
}

/// The `1.32.0` in the name of the library, or of the folder it is in. The library's own answer cannot be had without unsafe code.
pub(super) fn version(library: &Path) -> Option<String> {
    let path = fs::canonicalize(library).ok()?;
    let names = path.iter().rev().take(2).filter_map(|name| name.to_str());
    names.flat_map(|name| name.split(|c: char| !c.is_ascii_digit() && c != '.')).find_map(|part| {
        let version = part.trim_matches('.');
        (version.split('.').count() == 3).then(|| version.to_string())
    })
}

fn links(below: PathBuf) -> Vec<PathBuf> {
    below.ancestors().map(|folder| folder.join(".deps/onnxruntime")).collect()
}

/// The folders of xtask's cache, the newest name first.
fn cached() -> Vec<PathBuf> {
    let Some(cache) = cache(|name| env::var_os(name).filter(|value| !value.is_empty())) else {
        return Vec::new();
    };
    let entries = fs::read_dir(cache).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let ours =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("onnxruntime"));
    let mut folders: Vec<PathBuf> = entries.filter(ours).collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders
}

/// `NOISYDARTS_CACHE`, otherwise `noisydarts` in the user's cache folder; the same rule as xtask's.
fn cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from);
    let users = match env::consts::OS {
        "macos" => path("HOME").map(|home| home.join("Library/Caches")),
        _ => path("XDG_CACHE_HOME")
            .filter(|xdg| xdg.is_absolute())
            .or_else(|| path("HOME").map(|home| home.join(".cache"))),
    };
    path("NOISYDARTS_CACHE").or_else(|| users.map(|users| users.join("noisydarts")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_library() {
        let yes =
            ["libonnxruntime.so", "libonnxruntime.so.1.32.0", "libonnxruntime.1.32.0.dylib", "onnxruntime.dll"];
        assert!(yes.iter().all(|name| is_library(Path::new(name))));
        let no = ["libonnxruntime_providers_shared.so", "libonnxruntime.txt", "libtorch.so"];
        assert!(!no.iter().any(|name| is_library(Path::new(name))));
    }

    #[test]
    fn a_folder_or_a_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = find(Some(folder.path())).expect_err("an empty folder");
        assert!(error.chain().ends_with(": there is no such file"), "{}", error.chain());
        let file = folder.path().join("libonnxruntime.so.1.32.0");
        fs::write(&file, "").expect("a file");
        assert_eq!(find(Some(folder.path())).expect("the file in it"), file);
        assert_eq!(find(Some(&file)).expect("the file"), file);
        assert_eq!(version(&file).as_deref(), Some("1.32.0"));
    }

    /// As xtask's cache has it.
    #[test]
    fn the_folder_tells_the_version() {
        let cache = tempfile::tempdir().expect("a folder");
        let folder = cache.path().join("onnxruntime-1.32.0-linux-x86_64");
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("libonnxruntime.so"), "").expect("a file");
        assert_eq!(version(&folder.join("libonnxruntime.so")).as_deref(), Some("1.32.0"));
        assert_eq!(version(cache.path()), None);
    }
}
