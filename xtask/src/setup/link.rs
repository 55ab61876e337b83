//! The links under `.deps` by which this clone sees the cache.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::part::Part;
use crate::{place, stop, stop::Stop};

/// Points each part's link at the cache.
///
/// # Errors
/// Where the link's place is taken by something else, or cannot be written.
pub(super) fn all(parts: &[Part], cache: &Path) -> Result<()> {
    let mut moved = false;
    for part in parts {
        moved |= point(&place::dep(part.link), &part.shown(cache))?;
    }
    if moved { stamp() } else { Ok(()) }
}

/// Makes `link` lead to `target`; whether that is a change.
fn point(link: &Path, target: &Path) -> Result<bool> {
    if fs::read_link(link).is_ok_and(|now| now == target) {
        return Ok(false);
    }
    if link.exists() && !link.is_symlink() {
        return Err(Stop::user(format!(
            "{} is not a link: move it away and run the same command again",
            link.display()
        )));
    }
    let folder = link.parent().unwrap_or(link);
    fs::create_dir_all(folder).map_err(|error| stop::writing(folder, error))?;
    // Renamed into place: a build that runs meanwhile sees the old target or the new one.
    let new = link.with_extension("new");
    fs::remove_file(&new).ok();
    symlink(target, &new).and_then(|()| fs::rename(&new, link)).map_err(|error| stop::writing(link, error))?;
    Ok(true)
}

/// Touches the file by which build scripts notice that a link has moved: the paths that cargo compares stay the same.
fn stamp() -> Result<()> {
    let path: PathBuf = place::dep("stamp");
    fs::write(&path, "").map_err(|error| stop::writing(&path, error))
}

#[cfg(unix)]
use std::os::unix::fs::symlink;

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_moved_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("deps/lib");
        assert!(point(&link, Path::new("/one")).unwrap());
        assert!(!point(&link, Path::new("/one")).unwrap());
        assert!(point(&link, Path::new("/two")).unwrap());
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("/two"));
    }

    #[test]
    fn what_the_user_put_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let error = point(folder.path(), Path::new("/one")).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Stop::User(_))));
        assert!(folder.path().is_dir());
    }
}
