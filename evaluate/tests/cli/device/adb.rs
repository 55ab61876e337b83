//! Over a script that answers as `adb` does.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::{Bench, PROGRAM, result};

/// `devices`, `push`, `pull` and `shell` of a phone that is this machine. Where the file `drop` is there, the connection of the next
/// `shell` that runs a job breaks: the job goes on.
const ADB: &str = r#"#!/bin/sh
bin=$(dirname "$0")
echo "$*" >> "$bin/calls"
if [ "$1" = -s ]; then
    [ "$2" = PHONE1 ] || { echo "adb: device '$2' not found" >&2; exit 1; }
    shift 2
fi
case "$1" in
devices) printf 'List of devices attached\nPHONE1\tdevice\n\n' ;;
push)
    case "$2" in */.) cp -r "$2" "$3" ;; *) cp "$2" "$3" ;; esac
    echo "$2: 1 file pushed" ;;
pull) cp "$2" "$3" ;;
shell)
    PATH="$bin/there:$PATH"
    case "$2" in *started-*) if [ -f "$bin/drop" ]; then
        rm "$bin/drop"
        setsid sh -c "$2" > /dev/null 2>&1 < /dev/null &
        sleep 0.5
        echo 'error: device offline' >&2
        exit 255
    fi ;; esac
    # As old versions do it: no status.
    sh -c "$2" || true ;;
*) echo "adb: unknown command $1" >&2; exit 1 ;;
esac
"#;

fn bench(lines: &str) -> Bench {
    let bench = Bench::new(lines);
    program(&bench, "adb", ADB);
    fs::create_dir(bench.path.join("there")).unwrap();
    bench
}

fn program(bench: &Bench, name: &str, text: &str) {
    let path = bench.path.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn latency_and_accuracy_run_on_a_phone() {
    for on in ["adb", "adb:PHONE1"] {
        let bench = bench(&format!("on = \"{on}\""));
        let found = result(&bench.latency(&[]));
        assert_eq!(
            (&found["kind"], &found["models"][0]["model"]),
            (&"latency".into(), &bench.model.path().into())
        );
        assert!(bench.left().is_empty(), "{:?}", bench.left());
        let calls = fs::read_to_string(bench.path.join("calls")).unwrap();
        assert!(calls.lines().any(|call| call.contains(&format!("push {PROGRAM} "))), "{calls}");
        let named = on == "adb:PHONE1";
        assert!(
            calls.lines().all(|call| call == "devices"
                || !named
                || call.starts_with("-s PHONE1")
                || !call.contains("shell")),
            "{calls}"
        );
        let folder = tempfile::tempdir().unwrap();
        let logits = folder.path().join("logits.safetensors");
        let args = ["accuracy", bench.model.path(), "--data", "embedded", "--limit", "5", "--format", "json"];
        let args = [&args[..], &["--fit", "pad", "--predictions", logits.to_str().unwrap()]].concat();
        assert_eq!(result(&bench.run(&args))["pictures"], 5);
        assert!(logits.is_file());
    }
}

#[test]
fn a_phone_that_is_not_there() {
    let bench = bench("on = \"adb:PHONE2\"");
    let output = bench.latency(&[]);
    assert_eq!(output.status, 2);
    let expected = "use the device adb:PHONE2: `adb devices` does not list it; it lists PHONE1";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn no_adb_at_all() {
    let bench = Bench::new("on = \"adb\"");
    if std::process::Command::new("adb").output().is_ok() {
        eprintln!("skipped: there is an adb here");
        return;
    }
    let output = bench.latency(&[]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("`adb` cannot be started") && output.stderr.contains("install it"));
}

#[test]
fn a_dropped_connection_loses_nothing() {
    let bench = bench("on = \"adb\"");
    fs::write(bench.path.join("drop"), "").unwrap();
    let output = bench.latency(&[]);
    assert_eq!(result(&output)["models"][0]["wall"]["n"], 5);
    assert!(output.stderr.contains("device offline; trying again in 1 s"), "{}", output.stderr);
    assert!(!bench.path.join("drop").exists() && bench.left().is_empty(), "{:?}", bench.left());
}

/// The program that the job starts is gone, as after a reboot.
#[test]
fn a_program_that_dies_is_said() {
    let bench = bench("on = \"adb\"");
    let child = bench.start(&["latency", bench.model.path(), "--minutes", "5"]);
    bench.wait_for_job(1);
    let job = bench.there.join("noisydarts.lock/job");
    super::until("its number is known", || fs::read_to_string(&job).is_ok_and(|text| text.ends_with('\n')));
    let process = fs::read_to_string(job).unwrap();
    assert!(std::process::Command::new("kill").args(["-9", process.trim()]).status().unwrap().success());
    let output = super::ended(child);
    assert_eq!(output.status, 1, "{}", output.stderr);
    assert!(output.stderr.contains("failed to run on adb: status 137"), "{}", output.stderr);
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn what_the_device_cannot_run() {
    let bench = bench("on = \"adb\"");
    program(&bench, "there/uname", "#!/bin/sh\necho aarch64\n");
    let output = bench.latency(&["--device-binary", PROGRAM]);
    assert_eq!(output.status, 2);
    if cfg!(target_arch = "x86_64") && cfg!(target_os = "linux") {
        let expected = "is built for x86_64, but the device is aarch64";
        assert!(output.stderr.contains(expected), "{}", output.stderr);
    }
    let without = Bench::new("on = \"adb\"");
    let text = fs::read_to_string(&without.devices).unwrap();
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("binary")).collect();
    fs::write(&without.devices, text.join("\n")).unwrap();
    program(&without, "adb", ADB);
    fs::create_dir(without.path.join("there")).unwrap();
    program(&without, "there/uname", "#!/bin/sh\necho riscv64\n");
    let output = without.latency(&[]);
    assert_eq!(output.status, 2);
    let expected = "run `cargo xtask device-build riscv64gc-unknown-linux-gnu`, or give --device-binary";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert!(bench.left().is_empty() && without.left().is_empty(), "not even a lock");
}

#[test]
fn a_full_device() {
    let bench = bench("on = \"adb\"");
    program(
        &bench,
        "there/df",
        "#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted on\necho /dev/x 9000 8000 1000 89% /data\n",
    );
    let output = bench.latency(&[]);
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("has 0 MiB free, and ") && output.stderr.contains("make room"),
        "{}",
        output.stderr
    );
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn devices_that_no_file_names() {
    let bench = bench("on = \"adb\"");
    let devices = bench.devices.to_str().unwrap();
    let args = ["latency", bench.model.path(), "--on", "bensh", "--devices", devices];
    let output = crate::evaluate(args);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("does not name it; it names bench"), "{}", output.stderr);
    let local =
        crate::evaluate(["latency", bench.model.path(), "--runtime", "tract", "--runs", "5", "--on", "local"]);
    assert_eq!(local.status, 0, "{}", local.stderr);
}
