//! ONNX Runtime: its wheel, and what of it.

use std::env::consts::DLL_EXTENSION;

use super::part::Part;
use crate::pins::Pins;

/// ONNX Runtime; its wheel is for the CPU (on Apple silicon with Core ML).
pub(super) fn part(pins: &'static Pins) -> Part {
    let version = pins.onnxruntime.version();
    Part {
        title: format!("ONNX Runtime {version}"),
        platform: pins.platform,
        wheels: vec![&pins.onnxruntime],
        keep,
        essential: format!("libonnxruntime.{DLL_EXTENSION}"),
        extra: Vec::new(),
        link: "onnxruntime",
        shows: "",
        folder: format!("onnxruntime-{version}-{}", pins.slug()),
    }
}

/// The library, without the version in its name, and its licences.
fn keep(entry: &str) -> Option<String> {
    let file = entry.strip_prefix("onnxruntime/")?;
    if let "LICENSE" | "ThirdPartyNotices.txt" = file {
        return Some(file.to_owned());
    }
    // `.so.1.32.0` on Linux, `.1.32.0.dylib` on macOS.
    let suffix = file.strip_prefix("capi/libonnxruntime.")?;
    let extension = ["so", "dylib"].into_iter().find(|name| suffix.split('.').any(|part| part == *name))?;
    Some(format!("libonnxruntime.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_loses_its_version() {
        assert_eq!(keep("onnxruntime/capi/libonnxruntime.so.1.32.0").as_deref(), Some("libonnxruntime.so"));
        assert_eq!(
            keep("onnxruntime/capi/libonnxruntime.1.32.0.dylib").as_deref(),
            Some("libonnxruntime.dylib")
        );
    }

    #[test]
    fn licences_are_kept_and_pythons_side_is_not() {
        assert_eq!(keep("onnxruntime/LICENSE").as_deref(), Some("LICENSE"));
        for entry in [
            "onnxruntime/capi/libonnxruntime_providers_shared.so",
            "onnxruntime/capi/_pybind_state.py",
            "onnxruntime/__init__.py",
        ] {
            assert_eq!(keep(entry), None, "{entry}");
        }
    }
}
