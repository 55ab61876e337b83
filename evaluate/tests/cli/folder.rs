//! `accuracy` on a folder of pictures: what happens when one is broken, or the run is interrupted.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::{Tiny, evaluate, json, runtimes};

/// A grey PNG of one pixel, as Pillow 13.0.0 writes it.
const PIXEL: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58,
    126, 155, 85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 218, 99, 104, 0, 0, 0, 130, 0, 129, 218, 69, 8, 59, 0, 0,
    0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

/// Two classes of 20 pictures each.
fn pictures() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for class in ["cat", "dog"] {
        let class = folder.path().join("test").join(class);
        fs::create_dir_all(&class).expect("a folder");
        (0..20).for_each(|i| fs::write(class.join(format!("{i:02}.png")), PIXEL).expect("a picture"));
    }
    folder
}

fn arguments(model: &str, folder: &Path, predictions: &Path, runtime: &str) -> Vec<String> {
    let data = format!("folder:{}", folder.display());
    let predictions = predictions.display().to_string();
    ["accuracy", model, "--data", &data, "--predictions", &predictions, "--runtime", runtime]
        .into_iter()
        .chain(["--batch", "4", "--threads", "3", "--quiet"])
        .map(ToString::to_string)
        .collect()
}

/// However the threads run: the fifth batch holds the first of the broken pictures, the sixth the next one, and both
/// are read at once.
#[test]
fn the_first_broken_picture_is_named() {
    let model = Tiny { batch: None, classes: 2, ..Tiny::default() }.write();
    let folder = pictures();
    let predictions = folder.path().join("predictions.safetensors");
    for runtime in runtimes() {
        let arguments = arguments(model.path(), folder.path(), &predictions, runtime);
        assert_eq!(json(&arguments, 0)["pictures"], 40);
        fs::remove_file(&predictions).expect("predictions");
        for name in ["cat/17.png", "dog/03.png"] {
            let path = folder.path().join("test").join(name);
            fs::write(path, &PIXEL[..PIXEL.len() / 2]).expect("half a picture");
        }
        for _ in 0..5 {
            let output = evaluate(&arguments);
            assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{}", output.stderr);
            assert!(output.stderr.contains("cat/17.png"), "{}", output.stderr);
        }
        assert!(!predictions.exists());
        fs::write(folder.path().join("test/cat/17.png"), PIXEL).expect("a picture");
        fs::write(folder.path().join("test/dog/03.png"), PIXEL).expect("a picture");
    }
}

/// A run that is ended from outside (Ctrl-C does the same) stops at once and leaves nothing behind. One picture is a
/// pipe that nobody writes to, so that the run cannot end by itself.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    use std::{os::unix::process::ExitStatusExt as _, process::Command, thread, time::Duration};

    let model = Tiny { batch: None, classes: 2, ..Tiny::default() }.write();
    let folder = pictures();
    let pipe = folder.path().join("test/cat/17.png");
    fs::remove_file(&pipe).expect("a picture");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let results = tempfile::tempdir().expect("a folder");
    let predictions = results.path().join("predictions.safetensors");
    let mut run = Command::new(env!("CARGO_BIN_EXE_noisydarts-evaluate"))
        .args(arguments(model.path(), folder.path(), &predictions, "tract"))
        .spawn()
        .expect("the program");
    // Long enough to be waiting for the pipe as a rule; what is asserted holds before that too.
    thread::sleep(Duration::from_millis(300));
    assert!(run.try_wait().expect("the program").is_none());
    let interrupt = Command::new("kill").args(["-TERM", &run.id().to_string()]).status();
    assert!(interrupt.expect("kill").success());
    assert_eq!(run.wait().expect("the program").signal(), Some(15));
    assert_eq!(fs::read_dir(results.path()).expect("a folder").count(), 0);
}
