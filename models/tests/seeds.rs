//! The seeds of the fuzz targets stay what they are meant to be: inputs that get past the first check.

use std::fs;
use std::path::PathBuf;

use models::genotype::Genotype;
use models::spaces::mobilenet::MobileNet;

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds")).join(target);
    let files = fs::read_dir(folder).expect("the seeds").map(|file| file.expect("a file").path());
    let seeds: Vec<_> = files.map(|path| (path.clone(), fs::read(path).expect("a seed"))).collect();
    assert!(seeds.len() >= 2, "{target}");
    seeds
}

fn texts(target: &str) -> impl Iterator<Item = (PathBuf, String)> {
    seeds(target).into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text")))
}

#[test]
fn genotypes_and_block_strings_are_read() {
    for (path, text) in texts("genotype") {
        assert!(Genotype::parse(&text).is_ok(), "{}", path.display());
    }
    for (path, text) in texts("blocks") {
        let network = MobileNet::parse(&text).and_then(|mobile| mobile.network("seed"));
        assert!(network.is_ok(), "{}: {network:?}", path.display());
    }
}

#[cfg(feature = "onnx")]
#[test]
fn onnx_files_are_counted() {
    use models::onnx::{Assume, decode};

    let assume = Assume { allow_unknown: true, ..Assume::default() };
    for (path, bytes) in seeds("onnx") {
        let account = decode(&bytes).and_then(|model| model.account(&assume));
        assert!(account.is_ok(), "{}: {account:?}", path.display());
    }
}
