//! Results that are kept as they come, so that an interrupted call goes on where it was.

use std::{fs, path::PathBuf};

use models::files::hex;
use sha2::{Digest as _, Sha256};

use crate::{
    error::{Error, Result},
    save::save,
};

/// A folder with one file per result, named by what was measured and how; or nothing, which keeps nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    folder: Option<PathBuf>,
}

impl Kept {
    /// In this folder, which is made.
    ///
    /// # Errors
    /// [`Error::Write`] where that is not possible.
    pub(crate) fn new(folder: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = &folder {
            fs::create_dir_all(path)
                .map_err(|error| Error::Write { path: path.clone(), source: error.into() })?;
        }
        Ok(Self { folder })
    }

    /// The name of a result: all that it depends on.
    pub(crate) fn name(label: &str, parts: &[&[u8]]) -> String {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let plain = label.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' });
        format!("{}-{}.json", plain.collect::<String>(), &hex(&digest.finalize())[..16])
    }

    /// What was kept under this name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.as_ref()?.join(name)).ok()
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn put(&self, name: &str, text: &str) -> Result<()> {
        let Some(path) = self.folder.as_ref().map(|folder| folder.join(name)) else { return Ok(()) };
        save(&path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_by_what_it_depends_on() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(Some(folder.path().join("a/b"))).unwrap();
        let [one, other] = [b"x", b"y"].map(|part: &[u8; 1]| Kept::name("my model", &[part, b"z"]));
        assert!(one.starts_with("my-model-") && one != other);
        assert_ne!(Kept::name("m", &[b"ab", b"c"]), Kept::name("m", &[b"a", b"bc"]));
        assert_eq!(kept.get(&one), None);
        kept.put(&one, "1").unwrap();
        assert_eq!((kept.get(&one).as_deref(), kept.get(&other)), (Some("1"), None));
        Kept::default().put(&one, "1").unwrap();
        assert_eq!(Kept::default().get(&one), None);
    }
}
