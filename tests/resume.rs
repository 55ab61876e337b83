//! Killed or interrupted and then resumed, a run gives the bytes of the run that was left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use safetensors::SafeTensors;
use serde_json::Value;

use crate::support::{finish, run, start};
use crate::tiny::TINY;

/// Something that can be interrupted.
pub(crate) struct Trial {
    folder: tempfile::TempDir,
    command: &'static str,
    /// What follows the command in a new run.
    rest: String,
    /// What must be the same in the end.
    files: &'static [&'static str],
    /// How long the uninterrupted run took, its start included.
    took: Duration,
}

impl Trial {
    /// Runs it once without interruption, in the folder `whole`.
    pub(crate) fn new(command: &'static str, rest: &str, files: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rest = format!("{TINY} --set checkpoint.every_steps=1 --set report.every_steps=1 {rest}");
        let mut trial = Self { folder, command, rest, files, took: Duration::ZERO };
        let started = Instant::now();
        finish(trial.begin("whole")).data();
        trial.took = started.elapsed();
        trial
    }

    fn begin(&self, out: &str) -> Child {
        start(self.folder.path(), &format!("{} {} --out {out}", self.command, self.rest))
    }

    fn resume(&self, out: &str) -> Child {
        start(self.folder.path(), &format!("{} --resume {out}", self.command))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names in a run's checkpoint folder; every whole checkpoint among them can be read.
    fn checkpoints(&self, out: &str) -> Vec<String> {
        let folder = self.path(out).join("checkpoint");
        let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Waits until a run is in the middle of its second epoch.
    fn wait_for_second_epoch(&self, out: &str, child: &mut Child) {
        let there = |name: &String| name.ends_with(".safetensors") && **name >= *"00001-0000002";
        wait(child, || self.checkpoints(out).iter().any(there));
    }

    fn nothing_is_half_written(&self, out: &str) {
        for name in self.checkpoints(out).iter().filter(|name| name.ends_with(".safetensors")) {
            let bytes = fs::read(self.path(out).join("checkpoint").join(name)).unwrap();
            SafeTensors::deserialize(&bytes).unwrap();
        }
    }

    fn same(&self, out: &str) {
        for name in self.files {
            let [expected, found] = ["whole", out].map(|run| fs::read(self.path(run).join(name)).unwrap());
            assert!(expected == found, "{name} of {out} differs");
        }
        let [expected, found] = ["whole", out].map(|run| metrics(&self.path(run)));
        assert_eq!(expected, found, "metrics of {out}");
        assert_eq!(self.checkpoints("whole"), self.checkpoints(out));
    }

    pub(crate) fn survives_a_kill_within_an_epoch(&self) {
        let mut child = self.begin("killed");
        self.wait_for_second_epoch("killed", &mut child);
        child.kill().unwrap();
        assert_eq!(finish(child).status, None, "it ended before it could be killed");
        self.nothing_is_half_written("killed");
        let half = self.path("killed").join("checkpoint/00002-0000003.safetensors.tmp-1");
        fs::write(&half, "half a checkpoint").unwrap();
        finish(self.resume("killed")).data();
        self.same("killed");
    }

    fn survives_kills_at_any_time(&self) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let mut random = now.as_nanos() as u64;
        let mut delays = Vec::new();
        for _ in 0..3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            delays.push(self.took.mul_f64((random >> 33) as f64 / f64::from(1_u32 << 31)));
        }
        eprintln!("killed after {delays:?}");
        for delay in delays {
            let known = self.path("often/config.toml").exists();
            let mut child = if known { self.resume("often") } else { self.begin("often") };
            std::thread::sleep(delay);
            child.kill().unwrap();
            finish(child);
            self.nothing_is_half_written("often");
        }
        let known = self.path("often/config.toml").exists();
        finish(if known { self.resume("often") } else { self.begin("often") }).data();
        self.same("often");
    }

    /// The command that the message names is the one to go on with.
    fn stops_when_asked(&self, signal: &str) {
        let mut child = self.begin(signal);
        self.wait_for_second_epoch(signal, &mut child);
        // The shell's own kill is everywhere.
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let ended = finish(child);
        assert_eq!(ended.status, Some(130), "{}", ended.stderr);
        let way_on =
            ended.stderr.lines().find_map(|line| line.strip_prefix("interrupted; go on with: ")).unwrap();
        run(self.folder.path(), way_on).data();
        self.same(signal);
    }

    fn a_finished_run_stays_as_it_is(&self) {
        finish(self.resume("whole")).data();
        self.same("killed");
    }

    fn all(&self) {
        self.survives_a_kill_within_an_epoch();
        self.survives_kills_at_any_time();
        self.stops_when_asked("TERM");
        self.stops_when_asked("INT");
        self.a_finished_run_stays_as_it_is();
    }
}

/// Waits, a minute at most, until something holds; the program must be running all the while.
pub(crate) fn wait(child: &mut Child, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
        assert!(started.elapsed() < Duration::from_mins(1), "it is too slow");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The lines of `metrics.jsonl` without the times.
fn metrics(root: &Path) -> Vec<Value> {
    let text = fs::read_to_string(root.join("metrics.jsonl")).unwrap();
    let timeless = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line.as_object_mut().unwrap().remove("seconds");
        line
    };
    text.lines().map(timeless).collect()
}

#[test]
fn a_search_survives() {
    // All that a search can have to remember: extra parameters, learned, beside the alphas.
    let rest = "--set noise.scope=all --set noise.learnable=true";
    Trial::new("noisydarts-search run", rest, &["alphas.jsonl", "weights.safetensors", "genotype.json"]).all();
}

/// One that goes back twice, at the ends of its third epoch.
#[test]
fn a_search_that_goes_back_survives() {
    let rest = "--method robust-ada --set search.epochs=4 --set robust.window=1 --set robust.start=0 \
        --set robust.delta=1 --set robust.factor=0";
    let files = &["alphas.jsonl", "weights.safetensors", "genotype.json", "rollbacks.jsonl"];
    let trial = Trial::new("noisydarts-search run", rest, files);
    assert_eq!(fs::read_to_string(trial.path("whole/rollbacks.jsonl")).unwrap().lines().count(), 2);
    trial.all();
}

#[test]
fn a_training_survives() {
    // All that a training can have to remember or to draw; the auxiliary head needs this size.
    let rest = "zoo:noisydarts-a --set data.size=32x32 --set retrain.auxiliary_weight=0.4 \
        --set retrain.ema=0.9 --set retrain.drop_path=0.3 --set retrain.label_smoothing=0.1";
    Trial::new("noisydarts-search train", rest, &["weights.safetensors", "genotype.json"]).all();
}

/// What was reported before the first checkpoint is reported once.
#[test]
fn a_training_killed_before_its_first_checkpoint_survives() {
    let rest = "zoo:darts-v2 --set checkpoint.every_steps=1000";
    let trial = Trial::new("noisydarts-search train", rest, &["weights.safetensors", "genotype.json"]);
    let mut child = trial.begin("early");
    wait(&mut child, || trial.path("early/metrics.jsonl").exists());
    child.kill().unwrap();
    finish(child);
    finish(trial.resume("early")).data();
    trial.same("early");
}

#[test]
fn a_fine_tuning_needs_its_first_weights_no_more() {
    let folder = crate::tiny::folder_of("noisydarts-search train zoo:darts-v2 --out first");
    let line = |rest: &str| format!("noisydarts-search train {rest}");
    let tuning =
        format!("zoo:darts-v2 --init first/weights.safetensors {TINY} --set checkpoint.every_steps=1000");
    run(folder.path(), &line(&format!("{tuning} --out whole"))).data();
    let mut child = start(folder.path(), &line(&format!("{tuning} --out killed")));
    let checkpoint = folder.path().join("killed/checkpoint/00000-0000000.safetensors");
    wait(&mut child, || checkpoint.exists());
    child.kill().unwrap();
    finish(child);
    fs::remove_dir_all(folder.path().join("first")).unwrap();
    run(folder.path(), &line("--resume killed")).data();
    let [expected, found] =
        ["whole", "killed"].map(|run| fs::read(folder.path().join(run).join("weights.safetensors")).unwrap());
    assert!(expected == found);
}
