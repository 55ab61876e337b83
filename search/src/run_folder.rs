//! The folder of a run: settings, metrics, checkpoints, results.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use models::files::write_atomic;
use serde_json::Value;

use crate::checkpoint::{Checkpoints, Position};
use crate::config::Config;
use crate::error::Error;

/// What a run does, and so which command goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `noisydarts-search run`
    Search,
    /// `noisydarts-search train`
    Training,
}

impl Kind {
    /// That of a folder with a run: only searches have architecture parameters.
    pub(crate) fn of(root: &Path) -> Self {
        if root.join("alphas.jsonl").exists() { Self::Search } else { Self::Training }
    }

    const fn command(self) -> &'static str {
        match self {
            Self::Search => "run",
            Self::Training => "train",
        }
    }
}

/// A run folder.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    /// Locked as long as the run goes on.
    _lock: File,
    /// Its checkpoints.
    pub checkpoints: Checkpoints,
}

impl RunFolder {
    /// Refuses a folder that a new run cannot have.
    ///
    /// # Errors
    /// When it holds a run already.
    pub fn check_unused(root: &Path) -> Result<(), Error> {
        if root.join("config.toml").exists() {
            let problem = "it holds a run already; go on with --resume, or choose another --out".into();
            return Err(Error::RunFolder { path: root.into(), problem });
        }
        Ok(())
    }

    /// Makes a new folder with these files, by name and contents, and the settings. These come last: where they are, the
    /// run can be resumed.
    ///
    /// # Errors
    /// When it holds a run already, or cannot be written.
    pub fn create(root: &Path, config: &Config, files: &[(&str, &[u8])]) -> Result<Self, Error> {
        Self::check_unused(root)?;
        let checkpoints = Checkpoints::new(root.join("checkpoint"))?;
        let folder = Self { root: root.into(), _lock: lock(root)?, checkpoints };
        for (name, bytes) in files {
            folder.write(name, bytes)?;
        }
        folder.write("config.toml", toml::to_string(config).unwrap_or_default().as_bytes())?;
        Ok(folder)
    }

    /// Opens the folder of an interrupted run of this kind, with its settings.
    ///
    /// # Errors
    /// When there is none, another process is at work in it, or its settings cannot be read.
    pub fn open(root: &Path, kind: Kind) -> Result<(Self, Config), Error> {
        let config = Self::settings(root)?;
        let found = Kind::of(root).command();
        if found != kind.command() {
            let problem = format!("go on with it by `noisydarts-search {found} --resume`");
            return Err(Error::RunFolder { path: root.into(), problem });
        }
        let lock = lock(root)?;
        let checkpoints = Checkpoints::new(root.join("checkpoint"))?;
        Ok((Self { root: root.into(), _lock: lock, checkpoints }, config))
    }

    /// The settings of the run in this folder.
    ///
    /// # Errors
    /// When there is none, or they cannot be read.
    pub fn settings(root: &Path) -> Result<Config, Error> {
        let path = root.join("config.toml");
        if !path.is_file() {
            let problem = "there is no config.toml: not a run folder".into();
            return Err(Error::RunFolder { path: root.into(), problem });
        }
        let text = fs::read_to_string(&path).map_err(|source| Error::io("read", &path, source))?;
        let config: Config = toml::from_str(&text).map_err(|error| Error::Toml {
            origin: path.display().to_string(),
            problem: error.to_string().trim().replace('\n', " "),
        })?;
        config.check()?;
        Ok(config)
    }

    /// The path of a file in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path(name);
        write_atomic(&path, bytes).map_err(|source| Error::io("write", &path, source))
    }

    /// Appends one line of JSON.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, name: &str, line: &Value) -> Result<(), Error> {
        let path = self.path(name);
        let mut text = line.to_string();
        text.push('\n');
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| Error::io("write", &path, source))?;
        file.write_all(text.as_bytes()).map_err(|source| Error::io("write", &path, source))
    }

    /// The lines of a JSON-lines file in it, as [`read_lines`] gives them.
    ///
    /// # Errors
    /// As for [`read_lines`].
    pub fn lines(&self, name: &str) -> Result<Vec<Value>, Error> {
        read_lines(&self.path(name))
    }

    /// Drops the lines of what a resumed run will do again: those after this position.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn rewind(&self, name: &str, position: Position) -> Result<(), Error> {
        let number = |line: &Value, key: &str| line.get(key).and_then(Value::as_u64).unwrap_or(0) as usize;
        let kept = self.lines(name)?.into_iter().filter(|line| {
            let place = Position { epoch: number(line, "epoch"), step: number(line, "step") };
            place <= position
        });
        let lines: Vec<String> = kept.map(|line| line.to_string() + "\n").collect();
        self.write(name, lines.concat().as_bytes())
    }
}

/// Of these lines those at the ends of epochs: the ones within are means of an epoch so far.
#[must_use]
pub fn ends_of_epochs(mut lines: Vec<Value>) -> Vec<Value> {
    lines.retain(|line| line["step"] == 0);
    lines
}

/// The lines of a JSON-lines file, none where there is no file; a last line that was cut short is left out.
///
/// # Errors
/// When it cannot be read, or another line is no JSON.
pub fn read_lines(path: &Path) -> Result<Vec<Value>, Error> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
    let lines: Vec<&str> = text.lines().collect();
    let mut values = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(value) => values.push(value),
            Err(_) if at + 1 == lines.len() => {}
            Err(error) => {
                let problem = format!("line {}: {error}", at + 1);
                return Err(Error::Broken { what: "metrics", path: path.into(), problem });
            }
        }
    }
    Ok(values)
}

/// Takes a run folder for this process alone.
fn lock(root: &Path) -> Result<File, Error> {
    try_lock(root)?.ok_or_else(|| {
        let problem = "another process is at work in it; wait for that, or end it".into();
        Error::RunFolder { path: root.into(), problem }
    })
}

/// Takes a folder for this process alone, unless another one has it; the system gives it back when the process ends,
/// however it does.
///
/// # Errors
/// When the lock file cannot be made.
pub(crate) fn try_lock(root: &Path) -> Result<Option<File>, Error> {
    let path = root.join("lock");
    let file = File::create(&path).map_err(|source| Error::io("write", &path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", &path, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rewinding_drops_later_and_torn_lines() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(root.path(), &Config::preset("toy").unwrap(), &[]).unwrap();
        for (epoch, step) in [(0, 5), (1, 0), (1, 5), (2, 0)] {
            folder.append("metrics.jsonl", &json!({"epoch": epoch, "step": step})).unwrap();
        }
        let path = folder.path("metrics.jsonl");
        let torn = fs::read_to_string(&path).unwrap() + "{\"epo";
        fs::write(&path, torn).unwrap();
        folder.rewind("metrics.jsonl", Position { epoch: 1, step: 3 }).unwrap();
        assert_eq!(folder.lines("metrics.jsonl").unwrap().len(), 2);
    }

    #[test]
    fn a_second_run_does_not_overwrite_the_first() {
        let root = tempfile::tempdir().unwrap();
        let config = Config::preset("toy").unwrap();
        let first = RunFolder::create(root.path(), &config, &[]).unwrap();
        assert!(RunFolder::create(root.path(), &config, &[]).unwrap_err().to_string().contains("--resume"));
        let open = |kind| RunFolder::open(root.path(), kind);
        assert!(open(Kind::Training).unwrap_err().to_string().contains("another process"));
        drop(first);
        assert!(open(Kind::Search).unwrap_err().to_string().contains("train --resume"));
        assert_eq!(open(Kind::Training).unwrap().1, config);
    }
}
