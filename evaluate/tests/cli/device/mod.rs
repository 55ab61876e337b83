//! `--on`: over a real sshd on this machine, where it is installed, and over a script that speaks as `adb` does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to panic")]

mod adb;
mod lut;
mod ssh;
mod sshd;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Output, Tiny, TinyFile};

/// The program under test, which is also what goes onto the device.
const PROGRAM: &str = env!("CARGO_BIN_EXE_noisydarts-evaluate");

/// A folder that stands for a device's, a device file that names it, and a model.
struct Bench {
    _folder: tempfile::TempDir,
    /// Where the device's programs are put.
    there: PathBuf,
    /// The device file.
    devices: PathBuf,
    /// What programs find first.
    path: PathBuf,
    model: TinyFile,
}

impl Bench {
    /// `lines` are those of the device `bench` in the device file.
    fn new(lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [there, path] = ["there", "bin"].map(|name| folder.path().join(name));
        fs::create_dir(&there).expect("a folder");
        fs::create_dir(&path).expect("a folder");
        let devices = folder.path().join("devices.toml");
        let text = format!("[bench]\nfolder = \"{}\"\nbinary = {PROGRAM:?}\n{lines}\n", there.display());
        fs::write(&devices, text).expect("a file");
        Self { there, path, devices, model: Tiny::default().write(), _folder: folder }
    }

    /// Starts a command on the device.
    fn start(&self, args: &[&str]) -> Child {
        let path = format!("{}:{}", self.path.display(), std::env::var("PATH").expect("PATH"));
        Command::new(PROGRAM)
            .args(args)
            .args(["--on", "bench", "--devices"])
            .arg(&self.devices)
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program")
    }

    /// Runs a command on the device.
    fn run(&self, args: &[&str]) -> Output {
        ended(self.start(args))
    }

    /// `latency` of the model in tract, few runs, as JSON.
    fn latency(&self, more: &[&str]) -> Output {
        self.run(&[&["latency", self.model.path(), "--runs", "5", "--format", "json"], more].concat())
    }

    /// The names of what lies on the device.
    fn left(&self) -> Vec<String> {
        names(&self.there)
    }

    /// Leaves a lock of this holder there.
    fn lock(&self, holder: &str) {
        fs::create_dir(self.there.join("noisydarts.lock")).expect("a folder");
        fs::write(self.there.join("noisydarts.lock/holder"), format!("{holder}\n")).expect("a file");
    }

    /// Waits until the device runs the program for the `nth` time.
    fn wait_for_job(&self, nth: usize) {
        let started = || {
            let runs = self.left().into_iter().filter(|name| name.starts_with("noisydarts.run-"));
            let entries = runs.flat_map(|run| names(&self.there.join(run)));
            entries.filter(|name| name.starts_with("out-")).count() >= nth
        };
        until("a job starts", started);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_mins(1), "waited for a minute until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn ended(child: Child) -> Output {
    let output = child.wait_with_output().expect("an output");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Output {
        status: output.status.code().expect("a status"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The result of a command that ended well.
#[track_caller]
fn result(output: &Output) -> serde_json::Value {
    assert_eq!(output.status, 0, "{}", output.stderr);
    serde_json::from_str(&output.stdout).expect("JSON")
}
