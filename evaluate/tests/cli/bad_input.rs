//! What users get wrong: each has its own error on one line, status 2, and nothing on stdout.

use std::fs;

use super::{Tiny, evaluate};

fn error<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    let output = evaluate(args.into_iter().chain(["--quiet"]));
    assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    output.stderr.trim().to_string()
}

#[test]
fn files_that_are_no_models() {
    let folder = tempfile::tempdir().unwrap();
    let good = Tiny::default().bytes();
    let mut damaged = good.clone();
    damaged[20..60].fill(0x5f);
    for (name, bytes, expected) in [
        ("empty", &b""[..], "the file is empty"),
        ("text", b"once upon a time", "it is not an ONNX file (byte 0: \"once upon a \")"),
        ("random", &[0x93, 0x11, 0xfe, 0x07], "it is not an ONNX file (byte 0: [93, 11, fe, 07])"),
        ("truncated", &good[..good.len() / 2], "the file is truncated: at byte 5 `graph` announces"),
        ("damaged", &damaged, "the file is damaged: "),
    ] {
        let path = folder.path().join(format!("{name}.onnx"));
        fs::write(&path, bytes).unwrap();
        check_every_command(path.to_str().unwrap(), expected);
    }
    check_every_command(folder.path().to_str().unwrap(), "it is a folder, not an ONNX file");
    check_every_command(
        folder.path().join("none.onnx").to_str().unwrap(),
        "No such file or directory (os error 2)",
    );
}

fn check_every_command(path: &str, expected: &str) {
    let accuracy = ["accuracy", "--data", "embedded", "--runtime", "tract"];
    for command in [&["cost"][..], &["inspect"], &["parity"], &["latency", "--runtime", "tract"], &accuracy] {
        let found = error(command.iter().copied().chain([path]));
        let start = format!("error: failed to read {path}: {expected}");
        assert!(found.starts_with(&start), "{command:?}: {found}\nexpected {start}");
    }
}

#[test]
fn models_that_do_not_fit_the_data() {
    let five = Tiny { classes: 5, ..Tiny::default() }.write();
    let accuracy = |extra: &[&str]| {
        let args = ["accuracy", five.path(), "--data", "embedded", "--runtime", "tract"];
        error(args.into_iter().chain(extra.iter().copied()))
    };
    assert!(
        accuracy(&[]).contains("it tells 5 classes apart, but embedded Fashion-MNIST test has 10"),
        "{}",
        accuracy(&[])
    );
    assert!(
        accuracy(&["--size", "28x28"]).ends_with("it takes 32x32 pictures, but the size from --size is 28x28")
    );
    let ten = Tiny::default().write();
    let batch = error(["accuracy", ten.path(), "--data", "embedded", "--batch", "4"]);
    assert!(batch.ends_with("is made for batches of 1"), "{batch}");
    let broken = Tiny { metadata: vec![("noisydarts.input", "{}".into())], ..Tiny::default() }.write();
    let found = error(["accuracy", broken.path(), "--data", "embedded", "--runtime", "tract"]);
    assert!(found.contains("use the input spec from the metadata of"), "{found}");
    assert!(error(["accuracy", five.path(), "--data", "cifar10:/none"]).ends_with("there is no such folder"));
}

#[test]
fn runtimes_that_are_not_there() {
    let file = Tiny::default().write();
    let threads = error(["latency", file.path(), "--runtime", "tract", "--threads", "2"]);
    assert_eq!(threads, "error: failed to run tract with 2 threads: it runs one model on one thread");
    if cfg!(feature = "ort") {
        let missing =
            error(["latency", file.path(), "--runtime", "ort", "--ort-dylib", "/none/libonnxruntime.so"]);
        assert_eq!(
            missing,
            "error: failed to load ONNX Runtime from /none/libonnxruntime.so: there is no such file"
        );
        let wrong = error(["latency", file.path(), "--runtime", "ort", "--ort-dylib", file.path()]);
        assert!(wrong.starts_with("error: failed to load ONNX Runtime from "), "{wrong}");
    }
    let alone = error(["parity", file.path(), "--runtime", "tract"]);
    assert!(alone.ends_with("a comparison needs two runtimes, or one and a --reference"), "{alone}");
}

/// Status 1: the model is fine, but this runtime does not take it.
#[test]
fn unknown_options_and_unsupported_models() {
    assert_eq!(evaluate(["cost"]).status, 2);
    assert_eq!(evaluate(["cost", "--florp", "x"]).status, 2);
    assert_eq!(evaluate(["--help"]).status, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.onnx");
    let bytes = Tiny::default().bytes();
    // The operator's name occurs once, as the type of the first node.
    let at = bytes.windows(4).position(|window| window == b"Conv").unwrap();
    let odd = [&bytes[..at], b"Cnov", &bytes[at + 4..]].concat();
    fs::write(&path, odd).unwrap();
    let path = path.to_str().unwrap();
    assert!(error(["cost", path]).ends_with("node \"a\" (Cnov): the operator is not supported"));
    assert!(evaluate(["inspect", path]).stdout.contains("the operator is not supported"));
    let refused = evaluate(["latency", "--runtime", "tract", path]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.starts_with(&format!("error: failed to load {path} into tract: ")),
        "{}",
        refused.stderr
    );
}
