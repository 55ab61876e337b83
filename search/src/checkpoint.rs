//! Checkpoints: everything a run needs to go on to the same result.
//!
//! One safetensors file per checkpoint, `checkpoint/EPOCH-STEP.safetensors`, written whole or not at all, and
//! sealed with a checksum. The last two are kept.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use tch::{Device, Tensor};

use crate::error::Error;
use crate::net::{Layout, Statistics, Weights};
use crate::tensor_file::{self, Metadata};

/// The one version of the format so far.
const SCHEMA: &str = "1";

/// How many checkpoints are kept.
const KEPT: usize = 2;

/// Where a run stands: `step` steps of `epoch` are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Epoch, from 0.
    pub epoch: usize,
    /// Steps done in it.
    pub step: usize,
}

/// The state of a run, by name.
pub type State = Vec<(String, Tensor)>;

/// A checkpoint as read.
#[derive(Debug)]
pub struct Checkpoint {
    /// Where the run stood.
    pub position: Position,
    /// Its state.
    pub state: HashMap<String, Tensor>,
    path: PathBuf,
}

/// The checkpoints of one run.
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Those in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(|source| Error::io("create", &folder, source))?;
        Ok(Self { folder })
    }

    /// Writes a checkpoint and removes all but the last two, and what killed runs left half-written.
    ///
    /// # Errors
    /// When the file cannot be written; the older checkpoints stay.
    pub fn save(&self, position: Position, state: &State) -> Result<(), Error> {
        self.write(position, state)?;
        let (whole, partial) = self.files()?;
        for old in whole[..whole.len().saturating_sub(KEPT)].iter().chain(&partial) {
            fs::remove_file(old).map_err(|source| Error::io("remove", old, source))?;
        }
        Ok(())
    }

    /// Writes the checkpoint of an earlier position and then removes those behind it: at any time there is one to go on
    /// from.
    ///
    /// # Errors
    /// When the file cannot be written, or one cannot be removed.
    pub fn save_earlier(&self, position: Position, state: &State) -> Result<(), Error> {
        self.write(position, state)?;
        let last = self.folder.join(file_name(position));
        for later in self.paths()?.into_iter().filter(|path| *path > last) {
            fs::remove_file(&later).map_err(|source| Error::io("remove", &later, source))?;
        }
        Ok(())
    }

    fn write(&self, position: Position, state: &State) -> Result<(), Error> {
        let path = self.folder.join(file_name(position));
        let metadata = Metadata::from([
            ("schema".to_string(), SCHEMA.to_string()),
            ("epoch".to_string(), position.epoch.to_string()),
            ("step".to_string(), position.step.to_string()),
        ]);
        tensor_file::write(&path, state, &metadata)
    }

    /// The paths of the checkpoints, oldest first.
    fn paths(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(self.files()?.0)
    }

    /// The checkpoints, oldest first, and the temporary files that a killed run left.
    fn files(&self) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
        let entries = fs::read_dir(&self.folder).map_err(|source| Error::io("read", &self.folder, source))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        let (whole, others): (Vec<PathBuf>, Vec<PathBuf>) = paths
            .into_iter()
            .partition(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
        Ok((whole, others.into_iter().filter(|path| is_temporary(path)).collect()))
    }

    /// Whether there is none yet.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.paths()?.is_empty())
    }

    /// The path of the last checkpoint, or `none`.
    #[must_use]
    pub fn last_name(&self) -> String {
        let last = self.paths().ok().and_then(|mut paths| paths.pop());
        last.map_or_else(|| "none".into(), |path| path.display().to_string())
    }

    /// The last checkpoint, where there is one.
    ///
    /// # Errors
    /// When it is broken; says which one before it to go on from.
    pub fn load_last(&self) -> Result<Option<Checkpoint>, Error> {
        let mut paths = self.paths()?;
        let Some(path) = paths.pop() else { return Ok(None) };
        load(&path).map(Some).map_err(|error| match error {
            Error::Broken { what, path, problem } => {
                let way_out = paths.last().map_or_else(
                    || "it is the only one: start the run anew".into(),
                    |older| format!("delete it to go on from {}", older.display()),
                );
                Error::Broken { what, path, problem: format!("{problem}; {way_out}") }
            }
            other => other,
        })
    }
}

/// Sorts as the positions do.
fn file_name(position: Position) -> String {
    format!("{:05}-{:07}.safetensors", position.epoch, position.step)
}

fn load(path: &Path) -> Result<Checkpoint, Error> {
    let broken =
        |problem: &str| Error::Broken { what: "checkpoint", path: path.into(), problem: problem.into() };
    let contents = tensor_file::read("checkpoint", path)?;
    if contents.metadata.get("schema").map(String::as_str) != Some(SCHEMA) {
        return Err(broken(&format!("expected a checkpoint of schema {SCHEMA}")));
    }
    if !contents.sealed {
        return Err(broken("it has no checksum: not a checkpoint, or damaged"));
    }
    let number = |key: &str| contents.metadata.get(key).and_then(|text| text.parse().ok());
    let (Some(epoch), Some(step)) = (number("epoch"), number("step")) else {
        return Err(broken("it does not say its epoch and step: not a checkpoint"));
    };
    let position = Position { epoch, step };
    Ok(Checkpoint { position, state: contents.tensors, path: path.into() })
}

/// Whether `models::files::write_atomic` made this file on the way to a checkpoint.
fn is_temporary(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extension.starts_with("tmp-"))
}

impl Checkpoint {
    /// A state in memory.
    #[must_use]
    pub fn of_state(position: Position, state: HashMap<String, Tensor>) -> Self {
        Self { position, state, path: PathBuf::from("memory") }
    }

    /// Takes a tensor of the state, checking its size against `like`.
    ///
    /// # Errors
    /// When it is not there or of another size: the checkpoint belongs to other settings.
    pub fn take(&self, name: &str, like: &[i64]) -> Result<Tensor, Error> {
        let problem = match self.state.get(name) {
            Some(tensor) if tensor.size() == like => return Ok(tensor.shallow_clone()),
            Some(tensor) => format!("{name} has dimensions {:?}, expected {like:?}", tensor.size()),
            None => format!("it has no {name}"),
        };
        let problem = format!("{problem}: it belongs to a run with other settings");
        Err(Error::Broken { what: "checkpoint", path: self.path.clone(), problem })
    }

    /// The weights and running statistics of a network with this layout.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn network(&self, layout: &Layout, device: Device) -> Result<(Weights, Statistics), Error> {
        let weights = self.take("weights", &[layout.weight_count()])?.to_device(device);
        let statistics = self.take("statistics", &[layout.statistic_count()])?.to_device(device);
        Ok((Weights::from_flat(&layout.weights, &weights), Statistics::from_flat(layout, &statistics)))
    }

    /// A tensor of the state that need not be there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Tensor> {
        self.state.get(name).map(Tensor::shallow_clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(count: usize) -> (tempfile::TempDir, Checkpoints) {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(folder.path().join("checkpoint")).unwrap();
        for step in 0..count {
            let state = vec![("weights".to_string(), Tensor::from_slice(&[step as f32; 100]))];
            checkpoints.save(Position { epoch: 1, step }, &state).unwrap();
        }
        (folder, checkpoints)
    }

    #[test]
    fn the_last_two_are_kept_and_the_last_is_loaded() {
        let (_folder, checkpoints) = saved(5);
        assert_eq!(checkpoints.paths().unwrap().len(), 2);
        let last = checkpoints.load_last().unwrap().unwrap();
        assert_eq!(last.position, Position { epoch: 1, step: 4 });
        assert_eq!(last.take("weights", &[100]).unwrap(), Tensor::from_slice(&[4.0_f32; 100]));
        assert!(last.take("weights", &[99]).unwrap_err().to_string().contains("[100], expected [99]"));
    }

    #[test]
    fn an_earlier_one_takes_the_place_of_those_behind_it() {
        let (_folder, checkpoints) = saved(5);
        let position = Position { epoch: 1, step: 1 };
        checkpoints.save_earlier(position, &vec![("weights".into(), Tensor::from_slice(&[9.0_f32]))]).unwrap();
        assert_eq!(checkpoints.paths().unwrap().len(), 1);
        assert_eq!(checkpoints.load_last().unwrap().unwrap().position, position);
    }

    #[test]
    fn every_damaged_byte_is_found() {
        let (_folder, checkpoints) = saved(1);
        let path = checkpoints.paths().unwrap().remove(0);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            assert!(checkpoints.load_last().is_err(), "bit {} of byte {at}", at % 8);
        }
    }

    #[test]
    fn what_a_killed_run_left_is_ignored_and_removed() {
        let (_folder, checkpoints) = saved(1);
        let temporary = checkpoints.folder.join("00009-0000000.safetensors.tmp-1");
        fs::write(&temporary, "half").unwrap();
        assert_eq!(checkpoints.load_last().unwrap().unwrap().position.epoch, 1);
        checkpoints.save(Position { epoch: 2, step: 0 }, &State::new()).unwrap();
        assert!(!temporary.exists());
    }

    #[test]
    fn damage_is_found_and_the_older_one_named() {
        let (_folder, checkpoints) = saved(2);
        let paths = checkpoints.paths().unwrap();
        let mut bytes = fs::read(&paths[1]).unwrap();
        let at = bytes.len() - 3;
        bytes[at] ^= 1;
        fs::write(&paths[1], &bytes).unwrap();
        let message = checkpoints.load_last().unwrap_err().to_string();
        assert!(message.contains("checksum"), "{message}");
        assert!(message.contains(&paths[0].display().to_string()), "{message}");
        fs::write(&paths[1], &bytes[..at]).unwrap();
        assert!(checkpoints.load_last().unwrap_err().to_string().contains("delete it"));
    }
}
