//! From wheels, which are zip archives, to a folder of the cache.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;

use super::{marker, part::Part};
use crate::{place, stop};

/// Fills the folder under another name, marks it as whole, and gives it its name.
///
/// # Errors
/// Where a wheel cannot be read, the disk is full, or the library is not in the wheels.
pub(super) fn part(part: &Part, wheels: &[PathBuf], folder: &Path) -> Result<()> {
    eprintln!("unpacking {} into {}", part.title, place::shown(folder));
    let partial = suffixed(folder, ".partial");
    remove(&partial)?;
    for wheel in wheels {
        one(wheel, &partial, part.keep).with_context(|| format!("failed to unpack {}", wheel.display()))?;
    }
    for (name, text) in &part.extra {
        let path = partial.join(name);
        fs::write(&path, text).map_err(|error| stop::writing(&path, error))?;
    }
    ensure!(
        partial.join(&part.essential).is_file(),
        "{} is not in the wheels of {}",
        part.essential,
        part.title
    );
    marker::write(&partial, &part.wheels)?;
    remove(folder)?;
    fs::rename(&partial, folder).map_err(|error| stop::writing(folder, error))
}

fn suffixed(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(folder);
    name.push(suffix);
    name.into()
}

/// Removes what an interrupted set-up, or one with other pins, has left.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(stop::writing(folder, error)),
        _ => Ok(()),
    }
}

/// Unpacks the entries of one wheel that are kept, each to where it goes.
fn one(wheel: &Path, folder: &Path, keep: impl Fn(&str) -> Option<String>) -> Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(wheel)?))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let Some(name) = keep(&entry.name()?).filter(|_| entry.is_file()) else {
            continue;
        };
        ensure!(entry.enclosed_name().is_some(), "{name} leads out of the folder");
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| stop::writing(parent, error))?;
        }
        let mut file = File::create(&path).map_err(|error| stop::writing(&path, error))?;
        io::copy(&mut entry, &mut file).map_err(|error| stop::writing(&path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn wheel(folder: &Path, entries: &[(&str, &str)]) -> PathBuf {
        let path = folder.join("w.whl");
        let mut writer = ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        path
    }

    #[test]
    fn only_what_is_kept_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = wheel(folder.path(), &[("a/lib.so", "lib"), ("a/b.py", "python")]);
        let out = folder.path().join("out");
        one(&wheel, &out, |name| name.contains(".so").then(|| "renamed/lib.so".to_owned())).unwrap();
        assert_eq!(fs::read_to_string(out.join("renamed/lib.so")).unwrap(), "lib");
        assert!(!out.join("a").exists());
    }

    #[test]
    fn entries_do_not_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = wheel(folder.path(), &[("../evil", "x")]);
        assert!(one(&wheel, &folder.path().join("out"), |name| Some(name.to_owned())).is_err());
        assert!(!folder.path().join("evil").exists());
    }

    #[test]
    fn a_cut_wheel_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = wheel(folder.path(), &[("a.so", "abc")]);
        let bytes = fs::read(&wheel).unwrap();
        fs::write(&wheel, &bytes[..bytes.len() / 2]).unwrap();
        assert!(one(&wheel, &folder.path().join("out"), |name| Some(name.to_owned())).is_err());
    }
}
