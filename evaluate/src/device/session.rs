//! A device while it is ours: locked, with our files on it.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{
    binary::Arch,
    file::Place,
    holder::Holder,
    job::{Job, Ran},
    link::Link,
    lock::Lock,
    shell::{Answer, Lost, quoted},
};
use crate::{
    error::{Error, Result},
    talk::Talk,
};

/// A locked device. Its files and its lock go when this goes.
pub(crate) struct Session {
    place: Place,
    link: Box<dyn Link>,
    lock: Lock,
    /// The folder of our files there.
    files: String,
    talk: Talk,
    jobs: usize,
    /// ONNX Runtime's library there.
    ort: Option<String>,
}

/// What a script finds out about a device.
const PROBE: &str = "uname -m; [ -d /system/bin ] && echo android || echo linux";

impl Session {
    /// Takes the device and copies the program there.
    ///
    /// # Errors
    /// [`Error::Device`] where it is not reached, or there is no program for it; [`Error::Busy`] where someone else uses it.
    pub(crate) fn open(place: Place, talk: Talk) -> Result<Self> {
        let link = place.link();
        let name = link.name();
        let unfit = |problem| Error::Device { device: name.clone(), problem };
        link.check().map_err(unfit)?;
        let holder = Holder::this();
        let lock = Lock { path: format!("{}/noisydarts.lock", place.folder()), holder };
        let files = lock.files(&lock.holder.token);
        let mut session = Self { place, link, lock, files, talk, jobs: 0, ort: None };
        let program = session.program().map_err(unfit)?;
        session.take()?;
        session.stage(&program)?;
        Ok(session)
    }

    /// The device, for messages and results.
    pub(crate) fn name(&self) -> String {
        self.link.name()
    }

    /// Copies a file or folder there, and gives its path there, which ends in the name that it has here.
    pub(crate) fn push(&mut self, from: &Path) -> Result<String> {
        self.jobs += 1;
        let name = from.file_name().map_or_else(|| "data".into(), |name| name.to_string_lossy().into_owned());
        let folder = format!("{}/{}", self.files, self.jobs);
        let to = format!("{folder}/{name}");
        self.room_for(from)?;
        self.done(&format!("mkdir -p {}", quoted(&folder)))?;
        self.copy(from, &to)?;
        Ok(to)
    }

    /// Copies the folder of a data source there, `cifar10:DIR`, and gives the source there.
    pub(crate) fn push_data(&mut self, source: &str) -> Result<String> {
        match source.split_once(':') {
            Some((kind, folder)) => Ok(format!("{kind}:{}", self.push(Path::new(folder))?)),
            None => Ok(source.into()),
        }
    }

    /// Copies a file from there.
    pub(crate) fn pull(&self, from: &str, to: &Path) -> Result<()> {
        self.retried(|| self.link.pull(from, to))
    }

    /// A path there for a file that the program is to write.
    pub(crate) fn new_file(&self, name: &str) -> String {
        format!("{}/{name}", self.files)
    }

    /// Removes a file or folder that was copied.
    pub(crate) fn remove(&self, path: &str) -> Result<()> {
        self.done(&format!("rm -rf {}", quoted(path)))
    }

    /// Runs the program there. Where the connection drops, it runs on, and its result is read when the connection is back.
    pub(crate) fn run(&mut self, words: &[String]) -> Result<Ran> {
        self.jobs += 1;
        let mut words = words.to_vec();
        words.extend(self.ort.iter().flat_map(|library| ["--ort-dylib".into(), library.clone()]));
        let (files, lock) = (self.files.as_str(), self.lock.path.as_str());
        let environment = &self.place.environment;
        let script = Job { number: self.jobs, files, lock, environment, words: &words }.script();
        let answer = self.retried(|| self.link.run(&script))?;
        Job::read(&answer).map_err(|problem| self.lost(problem))
    }

    /// Which of the place's binaries it takes.
    fn program(&self) -> Result<PathBuf, String> {
        let answer = self.link.run(PROBE).map_err(|Lost(said)| said)?;
        let mut lines = answer.text.lines();
        let arch = Arch::of_machine(lines.next().unwrap_or_default().trim())?;
        if let Some(library) = &self.place.ort {
            arch.check(library)?;
        }
        arch.program(self.place.binary.as_deref(), lines.next() == Some("android"))
    }

    fn take(&self) -> Result<()> {
        let taken = self.lock.take(self.link.as_ref(), self.place.wait, &|text| self.talk.note(text));
        taken.map_err(|problem| Error::Busy { device: self.name(), problem })
    }

    fn stage(&mut self, program: &Path) -> Result<()> {
        let to = format!("{}/noisydarts-evaluate", self.files);
        self.done(&format!("mkdir -p {}", quoted(&self.files)))?;
        let size = self.room_for(program)?;
        self.copy(program, &to)?;
        let script = format!("chmod 755 {0} && [ \"$(wc -c < {0})\" -eq {size} ]", quoted(&to));
        self.done(&script)?;
        if let Some(library) = self.place.ort.clone() {
            self.ort = Some(self.push(&library)?);
        }
        Ok(())
    }

    /// Whether the device has room, by what `df` says; the bytes that are to be copied.
    fn room_for(&self, from: &Path) -> Result<u64> {
        let needed = size(from).map_err(|error| {
            let problem = format!("{} cannot be read: {error}", from.display());
            Error::Device { device: self.name(), problem }
        })?;
        let script = format!("df -Pk {} | tail -n 1", quoted(&self.files));
        let answer = self.answer(&script)?;
        let free = answer.text.split_whitespace().nth(3).and_then(|text| text.parse::<u64>().ok());
        match free {
            Some(free) if free < needed.div_ceil(1024) => Err(self.lost(format!(
                "{} has {} MiB free, and {} needs {} MiB: make room, or name another folder in the device file",
                self.place.folder(),
                free / 1024,
                from.display(),
                needed >> 20
            ))),
            _ => Ok(needed),
        }
    }

    fn copy(&self, from: &Path, to: &str) -> Result<()> {
        self.retried(|| self.link.push(from, to))
    }

    fn done(&self, script: &str) -> Result<()> {
        match self.answer(script)? {
            Answer { status: 0, .. } => Ok(()),
            Answer { status, text } => Err(self.lost(format!("`{script}` ended with status {status} {text}"))),
        }
    }

    fn answer(&self, script: &str) -> Result<Answer> {
        let touched = format!("touch {}/holder; {script}", quoted(&self.lock.path));
        self.retried(|| self.link.run(&touched))
    }

    /// Tries again while the connection fails.
    fn retried<T>(&self, attempt: impl Fn() -> Result<T, Lost>) -> Result<T> {
        for retry in 0..self.place.retries {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(Lost(said)) => {
                    let pause = 1 << retry.min(6);
                    let text = format!("{}: {said}; trying again in {pause} s", self.name());
                    self.talk.note(&text);
                    thread::sleep(Duration::from_secs(pause));
                }
            }
        }
        attempt().map_err(|Lost(said)| self.lost(said))
    }

    fn lost(&self, problem: String) -> Error {
        Error::Lost { device: self.name(), problem }
    }
}

impl Drop for Session {
    /// Removes our files, then our lock: not the other way round, so that what is left behind is found by the next user.
    fn drop(&mut self) {
        let (files, lock) = (quoted(&self.files), quoted(&self.lock.path));
        let own = quoted(&self.lock.holder.to_string());
        let script =
            format!("rm -rf {files}; [ \"$(cat {lock}/holder 2>/dev/null)\" = {own} ] && rm -rf {lock}; :");
        if let Err(Lost(said)) = self.link.run(&script) {
            let note =
                format!("{} could not be cleaned up ({said}); the next use of it does that", self.name());
            self.talk.note(&note);
        }
    }
}

/// Bytes of a file, or of all files in a folder.
fn size(path: &Path) -> std::io::Result<u64> {
    let file = fs::metadata(path)?;
    if !file.is_dir() {
        return Ok(file.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}
