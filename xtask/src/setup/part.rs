//! A part of a set-up: one folder of the cache, and which wheels, and what of them, it is made of.

use std::path::{Path, PathBuf};

use super::marker;
use crate::{pins::Wheel, place};

/// One folder of the cache.
pub(super) struct Part {
    /// What a person calls it, with its version.
    pub(super) title: String,
    /// The platform of its wheels, as a person calls it.
    pub(super) platform: &'static str,
    /// The wheels that it is made of.
    pub(super) wheels: Vec<&'static Wheel>,
    /// Where a wheel's entry goes in the folder; `None` for what is not needed.
    pub(super) keep: fn(&str) -> Option<String>,
    /// The file without which it is useless.
    pub(super) essential: String,
    /// Small files that no wheel has: name and text.
    pub(super) extra: Vec<(&'static str, &'static str)>,
    /// Its name under `.deps`.
    pub(super) link: &'static str,
    /// The folder in it that the link shows; empty for all of it.
    pub(super) shows: &'static str,
    /// Its name in the cache.
    pub(super) folder: String,
}

impl Part {
    /// Its folder in the cache.
    pub(super) fn place(&self, cache: &Path) -> PathBuf {
        cache.join(&self.folder)
    }

    /// What the link under `.deps` points at.
    pub(super) fn shown(&self, cache: &Path) -> PathBuf {
        // Joined with nothing, a path would end in a slash.
        let place = self.place(cache);
        if self.shows.is_empty() { place } else { place.join(self.shows) }
    }

    /// Whether the cache holds all of it, made of the wheels that are pinned now.
    pub(super) fn complete(&self, cache: &Path) -> bool {
        marker::holds(&self.place(cache), &self.wheels)
    }

    /// Whether this clone's link leads to it, in whichever cache, and it is complete there.
    pub(super) fn linked(&self) -> bool {
        let Ok(target) = place::dep(self.link).canonicalize() else {
            return false;
        };
        target.ancestors().any(|folder| folder.ends_with(&self.folder) && marker::holds(folder, &self.wheels))
    }
}
