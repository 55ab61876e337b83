//! Weights files, right and wrong: each wrongness has its own message.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::collections::HashMap;

use common::{Folder, Stored, Tensors, bytes, metadata, network, read, tensors};
use export::{Error, Options, Weights, lower};
use safetensors::Dtype;

/// The text of the error that exporting gives after this change of the tensors.
fn after(change: impl FnOnce(&mut Tensors)) -> String {
    let mut tensors = tensors(&network());
    change(&mut tensors);
    let weights = read(&Folder::new(), &bytes(&tensors, Some(metadata()))).unwrap();
    lower(&network(), &weights, &Options::default()).unwrap_err().to_string()
}

/// The text of the error that reading gives after this change of the metadata.
fn entry(key: &str, value: &str) -> String {
    let mut entries = metadata();
    entries.insert(key.into(), value.into());
    let weights = read(&Folder::new(), &bytes(&tensors(&network()), Some(entries)));
    weights.and_then(|weights| lower(&network(), &weights, &Options::default())).unwrap_err().to_string()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

const BIAS: &str = "head.linear.bias";

#[test]
fn good_weights_are_exported_with_what_their_file_says() {
    let weights = read(&Folder::new(), &bytes(&tensors(&network()), Some(metadata()))).unwrap();
    let model = lower(&network(), &weights, &Options::default()).unwrap();
    let model = models::onnx::decode(model.bytes()).unwrap();
    let entry = |key: &str| model.metadata[&format!("noisydarts.{key}")].as_str();
    assert_eq!(entry("classes"), r#"["a","b","c","d","e"]"#);
    assert_eq!(entry("accuracy"), metadata()["accuracy"]);
    assert_eq!(entry("genotype"), metadata()["genotype"]);
    assert_eq!(entry("input"), metadata()["input"]);
    assert_eq!(entry("trained"), "true");
    assert_eq!(entry("parameters"), models::cost::total(&network()).parameters.to_string());
    assert_eq!(entry("weights_sha256").len(), 64);
    assert_eq!(model.producer[0], "noisydarts-export");
    assert_eq!((model.ir_version, model.opset), (8, 17));
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let missing = after(|tensors| tensors.retain(|name, _| !name.starts_with("stem") && name != BIAS));
    assert!(
        missing.contains(
            "6 missing: stem.conv.weight [12, 3, 3, 3], stem.bn.weight [12], stem.bn.bias [12] and 3 more"
        ),
        "{missing}"
    );
    let unexpected = after(|tensors| {
        let bias = tensors[BIAS].clone();
        tensors.insert("extra".into(), bias);
    });
    assert!(unexpected.contains("1 unexpected: extra"), "{unexpected}");
    let shape = after(|tensors| tensors.get_mut(BIAS).unwrap().dims = vec![1, 5]);
    assert!(shape.contains("1 of another shape: head.linear.bias [1, 5] instead of [5]"), "{shape}");
    let kind = after(|tensors| {
        drop(tensors.insert(BIAS.into(), Stored { dtype: Dtype::F16, dims: vec![5], bytes: vec![0; 10] }));
    });
    assert!(kind.contains("1 not 32-bit floats (F32): head.linear.bias (F16)"), "{kind}");
    let nan = after(|tensors| tensors.get_mut(BIAS).unwrap().bytes = floats(&[0.0, 1.0, f32::NAN, 0.0, 0.0]));
    assert!(nan.contains("1 not finite: head.linear.bias (NaN at element 2)"), "{nan}");
    let infinite = after(|tensors| tensors.get_mut(BIAS).unwrap().bytes = floats(&[f32::NEG_INFINITY; 5]));
    assert!(infinite.contains("(-inf at element 0)"), "{infinite}");
    let negative = after(|tensors| tensors.get_mut("stem.bn.running_var").unwrap().bytes = floats(&[-1.0; 12]));
    assert!(negative.contains("1 a negative variance: stem.bn.running_var (-1 at element 0)"), "{negative}");
}

#[test]
fn folded_weights_beyond_32_bit_are_refused() {
    let error = after(|tensors| {
        tensors.get_mut("stem.bn.weight").unwrap().bytes = floats(&[3e38; 12]);
        tensors.get_mut("stem.bn.running_var").unwrap().bytes = floats(&[0.0; 12]);
    });
    assert_eq!(error, "fold stem.bn: the folded weights are not finite");
}

#[test]
fn weights_at_initialisation_are_refused() {
    let fresh = |name: &str, stored: &mut Stored| {
        let value = if name.ends_with("running_var") { 1.0 } else { 0.0 };
        if name.contains("running_") {
            stored.bytes = floats(&vec![value; stored.dims[0]]);
        }
    };
    let error = after(|tensors| tensors.iter_mut().for_each(|(name, stored)| fresh(name, stored)));
    assert!(error.contains("mean 0 and variance 1") && error.contains("--allow-random"), "{error}");
    let error = entry("trained", "false");
    assert!(error.contains("says that its weights are not trained"), "{error}");
    let error = lower(&network(), &Weights::random(&network(), 3), &Options::default()).unwrap_err();
    assert!(matches!(error, Error::Untrained { .. }) && error.to_string().contains("seed 3"), "{error}");
    assert!(
        lower(
            &network(),
            &Weights::random(&network(), 3),
            &Options { allow_random: true, ..Options::default() }
        )
        .is_ok()
    );
}

#[test]
fn metadata_that_cannot_be_is_refused() {
    let cases = [
        ("schema", "2", "metadata entry `schema`: expected \"1\", found \"2\""),
        ("genotype", "{", "metadata entry `genotype`: parse genotype at line 1"),
        ("network", "{}", "metadata entry `network`: missing field `skeleton`"),
        (
            "network",
            &metadata()["network"].replace("cifar", "mnist"),
            "skeleton cifar or imagenet, found \"mnist\"",
        ),
        ("input", "[]", "metadata entry `input`: "),
        ("classes", "[1]", "metadata entry `classes`: invalid type"),
        ("accuracy", "{", "metadata entry `accuracy`: EOF"),
        ("trained", "yes", "metadata entry `trained`: "),
        ("classes", "[\"a\"]", "the number of class names is 1 there, but 5 is asked for"),
        (
            "input",
            &metadata()["input"].replace("16", "32"),
            "the input is 3x32x32 there, but 3x16x16 is asked for",
        ),
    ];
    for (key, value, expected) in cases {
        let error = entry(key, value);
        assert!(error.contains(expected), "{key}: {error}");
    }
}

#[test]
fn metadata_of_other_programs_is_ignored() {
    for entries in [None, Some(HashMap::from([("format".into(), "pt".into()), ("classes".into(), "?".into())]))]
    {
        let weights = read(&Folder::new(), &bytes(&tensors(&network()), entries)).unwrap();
        assert_eq!(weights.summary, export::weights::Summary::default());
        lower(&network(), &weights, &Options::default()).unwrap();
    }
}

#[test]
fn files_that_are_cut_off_say_so() {
    let folder = Folder::new();
    let whole = bytes(&tensors(&network()), Some(metadata()));
    for length in (0..whole.len()).step_by(whole.len() / 97) {
        let error = read(&folder, &whole[..length]).unwrap_err();
        let truncated = matches!(&error, Error::Truncated { found, .. } if *found == length as u64);
        assert!(truncated || length <= 8, "{length} bytes: {error}");
    }
    let error = read(&folder, &whole[..whole.len() - 1]).unwrap_err().to_string();
    let expected = format!("{} bytes are announced, {} are there", whole.len(), whole.len() - 1);
    assert!(error.ends_with(&expected), "{error}");
    let error = read(&folder, &[&whole[..], b"more"].concat()).unwrap_err().to_string();
    assert!(error.contains(&format!("{} bytes are announced", whole.len())), "{error}");
}

#[test]
fn damaged_headers_are_errors() {
    let folder = Folder::new();
    let whole = bytes(&tensors(&network()), Some(metadata()));
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let mut accepted = 0;
    for at in (0..8 + length).step_by(41) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x15;
        accepted += usize::from(read(&folder, &damaged).is_ok());
    }
    // Some bytes are names, numbers of the description or padding: those files are whole, and checked later.
    assert!(accepted * 41 < length * 3 / 4, "{accepted}");
    for (bytes, expected) in [
        (&b""[..], "header too small"),
        (b"not a safetensors file", "header too large"),
        (b"\x02\0\0\0\0\0\0\0{]", "invalid JSON"),
        (b"\x02\0\0\0\0\0\0\0\xff\xfe", "invalid UTF-8"),
    ] {
        let error = read(&folder, bytes).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("weights.safetensors"), "{error}");
    }
}

#[test]
fn files_that_are_none_are_errors() {
    let folder = Folder::new();
    let missing = Weights::read(folder.path("missing")).unwrap_err();
    assert!(matches!(&missing, Error::Read { .. }) && missing.is_users(), "{missing}");
    let error = Weights::read(folder.path("")).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error}");
}
