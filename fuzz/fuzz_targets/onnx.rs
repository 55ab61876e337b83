//! Any bytes as an ONNX file: decoded and counted, with and without unknown operators.
#![no_main]

use libfuzzer_sys::fuzz_target;
use models::onnx::{self, Assume};

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = onnx::decode(bytes) else { return };
    let strict = model.account(&Assume::default());
    let lenient = model.account(&Assume { allow_unknown: true, ..Assume::default() });
    // What can be counted is counted the same where unknown operators are allowed.
    if let Ok(strict) = strict {
        assert_eq!(lenient.expect("no less than the strict count"), strict);
    }
});
