//! Wheels for macOS on Apple silicon.

use super::{Pins, Wheel};

pub(super) const PINS: Pins = Pins {
    platform: "Apple silicon macOS",
    os: "macos",
    arch: "aarch64",
    torch: Wheel {
        file: "torch-2.11.0-cp311-cp311-macosx_11_0_arm64.whl",
        sha256: "7b6a60d48062809f58595509c524b88e6ddec3ebe25833d6462eeab81e5f2ce4",
        bytes: 80_529_712,
    },
    needed: &[],
    cuda: &[],
    onnxruntime: Wheel {
        file: "onnxruntime-1.32.0-cp311-cp311-macosx_14_0_arm64.whl",
        sha256: "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c",
        bytes: 22_506_162,
    },
};
