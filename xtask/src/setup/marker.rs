//! The file that says that a folder of the cache is whole, and what it was made of.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{pins::Wheel, stop};

/// In the form that `sha256sum` writes, so that a person can compare it.
const NAME: &str = "WHEELS.sha256";
/// Counts up when other files of the same wheels are kept, so that folders made before are made anew.
const LAYOUT: &str = "# layout 1\n";

/// Marks the folder as made of these wheels; the last thing that is written to it.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(folder: &Path, wheels: &[&Wheel]) -> Result<()> {
    let path = place(folder);
    fs::write(&path, text(wheels)).map_err(|error| stop::writing(&path, error))
}

/// Whether the folder is marked as made of just these wheels.
pub(super) fn holds(folder: &Path, wheels: &[&Wheel]) -> bool {
    fs::read_to_string(place(folder)).is_ok_and(|marker| marker == text(wheels))
}

fn place(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

fn text(wheels: &[&Wheel]) -> String {
    let lines = wheels.iter().map(|wheel| [wheel.sha256, "  ", wheel.file, "\n"].concat());
    std::iter::once(LAYOUT.to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Wheel = Wheel { file: "a-1-py3-none-any.whl", sha256: "aa", bytes: 1 };
    const B: Wheel = Wheel { file: "b-1-py3-none-any.whl", sha256: "bb", bytes: 1 };

    #[test]
    fn a_folder_holds_what_it_is_marked_with() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!holds(folder.path(), &[&A]));
        write(folder.path(), &[&A, &B]).unwrap();
        assert!(holds(folder.path(), &[&A, &B]));
    }

    #[test]
    fn other_pins_or_a_cut_marker_mean_anew() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[&A, &B]).unwrap();
        assert!(!holds(folder.path(), &[&A]));
        assert!(!holds(folder.path(), &[&A, &Wheel { sha256: "cc", ..B }]));
        fs::write(place(folder.path()), "aa  a-1").unwrap();
        assert!(!holds(folder.path(), &[&A, &B]));
    }
}
