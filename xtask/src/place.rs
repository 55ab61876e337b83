//! Where things lie: this clone, its `.deps` folder, and the cache that all clones share.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::stop::Stop;

/// The root of this clone.
pub(crate) fn root() -> PathBuf {
    // Cargo sets it when it runs us; a copy of the binary falls back on where it was built.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).unwrap_or(manifest)
}

/// `.deps/NAME` in this clone: a link to what the cache holds. `.cargo/config.toml` names the one for libtorch.
pub(crate) fn dep(name: &str) -> PathBuf {
    root().join(".deps").join(name)
}

/// ONNX Runtime's library as [`dep`] shows it, or the user's own.
pub(crate) fn onnxruntime_library() -> PathBuf {
    let file = format!("libonnxruntime.{}", env::consts::DLL_EXTENSION);
    own("ORT_DYLIB_PATH").unwrap_or_else(|| dep("onnxruntime").join(file))
}

/// The user's own libtorch folder: `LIBTORCH`, unless it is merely cargo's default for this clone.
pub(crate) fn own_libtorch() -> Option<PathBuf> {
    own("LIBTORCH").filter(|path| *path != dep("libtorch"))
}

/// Where cargo puts the release programs: beside our own folder, wherever its target folder is.
///
/// # Errors
/// Where that is not in a target folder.
pub(crate) fn programs() -> Result<PathBuf> {
    let own = env::current_exe().context("failed to find the target folder")?;
    let target = own.ancestors().nth(2).context("xtask is not in a target folder")?;
    Ok(target.join("release"))
}

/// A path from the environment; empty counts as unset.
pub(crate) fn own(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The cache folder: `NOISYDARTS_CACHE`, otherwise `noisydarts` in the user's cache folder.
///
/// # Errors
/// Where neither can be told.
pub(crate) fn cache() -> Result<PathBuf> {
    let chosen = cache_of(|name| env::var_os(name).filter(|value| !value.is_empty()), env::consts::OS)
        .ok_or_else(|| {
            Stop::user("no cache folder: HOME is not set; set NOISYDARTS_CACHE to a folder with 2 GB free")
        })?;
    Ok(std::path::absolute(chosen)?)
}

fn cache_of(variable: impl Fn(&str) -> Option<OsString>, os: &str) -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from);
    let users = || match os {
        "macos" => path("HOME").map(|home| home.join("Library/Caches")),
        _ => path("XDG_CACHE_HOME")
            .filter(|xdg| xdg.is_absolute())
            .or_else(|| path("HOME").map(|home| home.join(".cache"))),
    };
    path("NOISYDARTS_CACHE").or_else(|| users().map(|users| users.join("noisydarts")))
}

/// A path for a person: the home folder as `~`.
pub(crate) fn shown(path: &Path) -> String {
    let home = own("HOME").and_then(|home| path.strip_prefix(home).ok());
    home.map_or_else(|| path.display().to_string(), |rest| format!("~/{}", rest.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(os: &str, variables: &[(&str, &str)]) -> Option<PathBuf> {
        cache_of(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()), os)
    }

    #[test]
    fn the_users_choice_of_cache_wins() {
        let variables = [("NOISYDARTS_CACHE", "/big"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/a")];
        assert_eq!(chosen("linux", &variables), Some("/big".into()));
        assert_eq!(chosen("linux", &variables[1..]), Some("/xdg/noisydarts".into()));
        assert_eq!(chosen("linux", &variables[2..]), Some("/home/a/.cache/noisydarts".into()));
        assert_eq!(chosen("macos", &variables[1..]), Some("/home/a/Library/Caches/noisydarts".into()));
        assert_eq!(chosen("linux", &[]), None);
    }

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
