//! Over ssh.

use std::{
    fs,
    io::{BufRead as _, BufReader},
};

use super::{Tiny, ended, result, sshd::Sshd};
use crate::{evaluate, json};

#[test]
fn latency_runs_there_and_leaves_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("pin = \"0\"");
    let found = result(&bench.latency(&[]));
    assert_eq!((&found["kind"], &found["runtime"]), (&"latency".into(), &"tract".into()));
    assert_eq!(found["models"][0]["model"], bench.model.path(), "by the name that it has here");
    assert_eq!(found["models"][0]["wall"]["n"], 5);
    assert_eq!(found["pinned"], serde_json::json!([0]), "the device file says so");
    let text = bench.run(&["latency", bench.model.path(), "--runs", "5", "--quiet"]);
    assert!(
        text.stdout.contains("pinned to core 0") && text.stderr.is_empty(),
        "{}{}",
        text.stdout,
        text.stderr
    );
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

/// Pictures go there and logits come back; a status of 3 does too.
#[test]
fn other_commands_run_there_too() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    let folder = tempfile::tempdir().unwrap();
    let logits = folder.path().join("logits.safetensors");
    let pictures = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/data/fashion-mnist");
    let data = format!("fashion-mnist:{pictures}");
    let data = if evaluate(["accuracy", bench.model.path(), "--data", &data, "--limit", "1"]).status == 0 {
        data
    } else {
        "embedded".into()
    };
    let args = ["accuracy", bench.model.path(), "--data", &data, "--limit", "20", "--runtime", "tract"];
    let args = [&args[..], &["--fit", "pad"]].concat();
    let there = [&args[..], &["--predictions", logits.to_str().unwrap(), "--format", "json"]].concat();
    let there = result(&bench.run(&there));
    let here = json(&args, 0);
    assert_eq!(
        (&there["top1"], &there["model"], &there["data"]),
        (&here["top1"], &here["model"], &here["data"])
    );
    assert!(fs::metadata(&logits).is_ok_and(|file| file.len() > 20 * 10 * 4));
    let parity = ["parity", bench.model.path(), "--runtime", "tract", "--inputs", "20", "--data", &data];
    let parity = [&parity[..], &["--fit", "pad", "--reference", logits.to_str().unwrap()]].concat();
    assert_eq!(bench.run(&parity).status, 0);
    assert_eq!(bench.run(&[&parity[..], &["--tolerance=-1"]].concat()).status, 3);
    let compared =
        ["compare", bench.model.path(), "--seconds", "0.1", "--processes", "3", "--max-regression=900%"];
    let compared = result(&bench.run(&[&compared[..], &["--format", "json", "--batch", "1,1"]].concat()));
    let name = compared["comparisons"][0]["a"].as_str().unwrap();
    assert!(name.starts_with(bench.model.path()), "{name}");
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn environment_and_errors_are_those_of_the_device() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("environment = { ORT_DYLIB_PATH = \"/it's nowhere\" }");
    let output = bench.latency(&["--runtime", "ort"]);
    let expected =
        "error: failed to load ONNX Runtime from /it's nowhere: there is no such file (on ssh:127.0.0.1)";
    if !output.stderr.contains("invalid value 'ort'") {
        assert_eq!((output.status, output.stderr.trim()), (2, expected));
    }
    let open = Tiny { batch: None, ..Tiny::default() }.write();
    let output = bench.run(&["latency", open.path(), "--runtime", "tract", "--input", "3x9x9"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains(&format!("{} takes", open.path())), "{}", output.stderr);
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

/// The run goes on there, and its result is read when the connection is back.
#[test]
fn a_dropped_connection_loses_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    let child = bench.start(&["latency", bench.model.path(), "--minutes", "0.05", "--format", "json"]);
    bench.wait_for_job(1);
    sshd.drop_connections();
    let output = ended(child);
    let found = result(&output);
    assert!(output.stderr.contains("trying again in 1 s"), "{}", output.stderr);
    assert_eq!(found["models"][0]["rounds"].as_array().map(Vec::len), Some(1));
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

/// Where the device does not come back, what was measured is printed and kept; the next call goes on from there, and removes what
/// was left on the device.
#[test]
fn a_lost_device_keeps_what_is_done() {
    let Some(mut sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    let other = Tiny { classes: 7, ..Tiny::default() }.write();
    let kept = tempfile::tempdir().unwrap();
    let args = ["latency", bench.model.path(), other.path(), "--minutes", "0.05", "--format", "json"];
    let args = [&args[..], &["--keep", kept.path().to_str().unwrap(), "--device-retries", "0"]].concat();
    let child = bench.start(&args);
    bench.wait_for_job(2);
    sshd.vanish();
    let lost = ended(child);
    assert_eq!(lost.status, 1, "{}", lost.stderr);
    assert!(lost.stderr.contains("error: failed to go on with the device ssh:127.0.0.1: "), "{}", lost.stderr);
    let first: serde_json::Value = serde_json::from_str(&lost.stdout).expect("what was measured");
    assert_eq!(first["models"].as_array().map(Vec::len), Some(1));
    assert_eq!(super::names(kept.path()).len(), 1);
    assert!(!bench.left().is_empty(), "it could not be cleaned up");
    sshd.start_again();
    let again = bench.run(&args);
    let found = result(&again);
    assert_eq!(found["models"][0], first["models"][0], "not measured again");
    assert_eq!(found["models"][1]["model"], other.path());
    assert!(again.stderr.contains("has left the lock of ssh:127.0.0.1 behind"), "{}", again.stderr);
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn one_user_at_a_time() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    bench.lock("token elsewhere 1 ann");
    let busy = bench.latency(&[]);
    assert_eq!(busy.status, 1);
    let expected = "take the device ssh:127.0.0.1: ann (process 1 on elsewhere) uses it";
    assert!(busy.stderr.contains(expected), "{}", busy.stderr);
    assert_eq!(bench.left(), ["noisydarts.lock"], "it is not ours to remove");
    let lock = bench.there.join("noisydarts.lock");
    let mut waiting = bench.start(&["latency", bench.model.path(), "--runs", "5", "--device-wait", "60"]);
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line == "note: ann (process 1 on elsewhere) uses ssh:127.0.0.1; waiting"));
    fs::remove_dir_all(lock).unwrap();
    assert_eq!(ended(waiting).status, 0, "{:?}", said.collect::<Vec<_>>());
    // Two at once: both come to their end, one after the other.
    let both =
        [0, 1].map(|_| bench.start(&["latency", bench.model.path(), "--runs", "5", "--device-wait", "60"]));
    assert!(both.into_iter().all(|child| ended(child).status == 0));
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

/// Of a user of this computer whose process has ended, and of anyone who has done nothing for long.
#[test]
fn a_lock_left_behind_is_taken_over() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let process = child.id();
    child.wait().unwrap();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    bench.lock(&format!("old {} {process} ann", host.trim()));
    fs::create_dir(bench.there.join("noisydarts.run-old")).unwrap();
    let output = bench.latency(&[]);
    if !host.is_empty() {
        result(&output);
        assert!(output.stderr.contains("ann (process"), "{}", output.stderr);
        assert!(bench.left().is_empty(), "{:?}", bench.left());
    }
    bench.lock("older elsewhere 1 bob");
    let holder = bench.there.join("noisydarts.lock/holder");
    let aged = std::process::Command::new("touch").args(["-d", "2 hours ago"]).arg(holder).status().unwrap();
    assert!(aged.success());
    let output = bench.latency(&[]);
    result(&output);
    assert!(output.stderr.contains("bob (process 1 on elsewhere) has left the lock"), "{}", output.stderr);
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn a_host_that_is_not_there() {
    let bench = super::Bench::new("on = \"ssh:127.0.0.1\"\noptions = [\"-F\", \"/dev/null\", \"-p\", \"1\"]");
    let output = bench.latency(&[]);
    assert_eq!(output.status, 2, "{}", output.stderr);
    assert!(
        output.stderr.contains("`ssh 127.0.0.1` does not get through without a question"),
        "{}",
        output.stderr
    );
}
