//! Pictures in folders, one per class: `DIR/train/CLASS/*.jpg`, and `test` or `val` beside `train`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::dataset::Images;
use super::{Dataset, Error, Format, Split, file};
use crate::input::{Fit, IMAGENET, InputSpec};

/// A folder of JPEG and PNG files.
pub(super) struct Folder;

impl Format for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn about(&self) -> &'static str {
        "your own pictures: train/CLASS/*.jpg|jpeg|png, and test or val beside train"
    }

    /// As for `ImageNet`: shorter side 256, centre 224x224, and its mean and standard deviation.
    fn input(&self) -> InputSpec {
        let (mean, std) = IMAGENET;
        InputSpec { resize: Some(256), fit: Fit::ResizeCrop, ..InputSpec::new([224; 2], mean, std) }
    }

    fn load(&self, folder: &Path, split: Split) -> Result<Dataset, Error> {
        file::folder(folder)?;
        let classes = classes(folder, split)?;
        if split == Split::Test && part(folder, Split::Train).is_some() {
            same_classes(folder, &classes, &self::classes(folder, Split::Train)?)?;
        }
        let (mut labels, mut paths) = (Vec::new(), Vec::new());
        for (label, (class, _)) in classes.iter().enumerate() {
            let pictures = pictures(class)?;
            labels.resize(labels.len() + pictures.len(), label as u16);
            paths.extend(pictures);
        }
        let names = classes.into_iter().map(|(_, name)| name).collect();
        let title = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(Dataset::new(format!("{title} {split}"), names, labels, Images::Files(paths)))
    }
}

/// The subfolder of a split.
fn part(folder: &Path, split: Split) -> Option<PathBuf> {
    let names: &[&str] = if split == Split::Train { &["train"] } else { &["test", "val"] };
    names.iter().map(|name| folder.join(name)).find(|path| path.is_dir())
}

/// Folders of the classes and their names, sorted; no class is an error.
fn classes(folder: &Path, split: Split) -> Result<Vec<(PathBuf, String)>, Error> {
    let layout = || Error::Layout { folder: folder.into(), split };
    let part = part(folder, split).ok_or_else(layout)?;
    let folders = file::entries(&part)?.into_iter().filter(|(_, is_folder)| *is_folder);
    let named = |(path, _): (PathBuf, bool)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (path, name)
    };
    let classes: Vec<_> = folders.map(named).collect();
    match classes.len() {
        0 => Err(layout()),
        1..=0x1_0000 => Ok(classes),
        found => Err(Error::TooManyClasses { folder: part, found }),
    }
}

/// Labels are positions in the list of classes, so train and test must have the same list.
fn same_classes(folder: &Path, found: &[(PathBuf, String)], train: &[(PathBuf, String)]) -> Result<(), Error> {
    let without = |these: &[(PathBuf, String)], those: &[(PathBuf, String)]| {
        let absent = |name: &&String| !those.iter().any(|(_, other)| other == *name);
        these.iter().map(|(_, name)| name).filter(absent).cloned().collect::<Vec<_>>()
    };
    let (missing, extra) = (without(train, found), without(found, train));
    if missing.is_empty() && extra.is_empty() {
        return Ok(());
    }
    Err(Error::Classes { folder: folder.into(), missing, extra })
}

/// Pictures of a class, those of its subfolders too; none is an error.
fn pictures(class: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    collect(class, &mut found)?;
    if found.is_empty() { Err(Error::EmptyClass { folder: class.into() }) } else { Ok(found) }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    for (path, is_folder) in file::entries(folder)? {
        if is_folder {
            collect(&path, found)?;
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    ["jpg", "jpeg", "png"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}
