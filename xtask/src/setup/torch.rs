//! libtorch: which wheels, and what of them.

use std::env::consts::DLL_EXTENSION;

use super::{device::Device, part::Part};
use crate::pins::Pins;

/// Libraries of torch that only its Python side loads.
const PYTHON_ONLY: [&str; 3] = ["torch_python", "shm", "torch_global_deps"];
/// Libraries of torch that need CUDA.
const CUDA_ONLY: [&str; 5] = ["torch_cuda", "torch_cuda_linalg", "c10_cuda", "caffe2_nvrtc", "torch_nvshmem"];
/// CUDA's libraries that torch's CPU library names, and so cannot be loaded without.
const CUDA_FOR_CPU: [&str; 2] = ["cudart", "cupti"];
/// On Linux the wheel's `libtorch.so` is an empty shell that needs the CUDA library, and GNU's linker, unlike LLVM's, keeps
/// it. In the CPU set this linker script (any linker reads it) stands in for it.
const SHELL: &str = "torch/lib/libtorch.so";
const SHELL_SCRIPT: &str = "INPUT(-ltorch_cpu)\n";

/// libtorch for this device.
pub(super) fn part(pins: &'static Pins, device: Device) -> Part {
    let version = pins.torch.version();
    let cuda = if device == Device::Cuda { pins.cuda } else { &[] };
    // torch-sys compares it with the version that it was written for.
    let mut extra = vec![("torch/build-version", version)];
    if device == Device::Cpu && !pins.cuda.is_empty() {
        extra.push((SHELL, SHELL_SCRIPT));
    }
    Part {
        title: format!("libtorch {version} ({device})"),
        platform: pins.platform,
        wheels: std::iter::once(&pins.torch).chain(pins.needed).chain(cuda).collect(),
        keep: if device == Device::Cuda { keep } else { keep_cpu },
        essential: format!("torch/lib/libtorch_cpu.{DLL_EXTENSION}"),
        extra,
        link: "libtorch",
        shows: "torch",
        folder: format!("libtorch-{version}-{}-{}", device.to_string().to_lowercase(), pins.slug()),
    }
}

/// Keeps the wheels' layout: torch's libraries look for NVIDIA's at `../../nvidia/*/lib` from where they lie.
fn keep(entry: &str) -> Option<String> {
    let (top, rest) = entry.split_once('/')?;
    let kept = match top {
        "torch" => rest.starts_with("include/") || rest.strip_prefix("lib/").is_some_and(of_torch),
        "nvidia" => rest.split_once("/lib/").is_some_and(|(_, file)| file.contains(".so")),
        _ => top.ends_with(".dist-info") && rest.starts_with("licenses/"),
    };
    kept.then(|| entry.to_owned())
}

/// Of that, what the CPU set needs.
fn keep_cpu(entry: &str) -> Option<String> {
    let library = library(entry);
    let needed = match entry.split('/').next()? {
        "torch" => !CUDA_ONLY.contains(&library) && entry != SHELL,
        "nvidia" => CUDA_FOR_CPU.contains(&library),
        _ => true,
    };
    keep(entry).filter(|_| needed)
}

/// A folder in torch's `lib` holds headers of what only Python uses.
fn of_torch(file: &str) -> bool {
    !file.contains('/') && !PYTHON_ONLY.contains(&library(file))
}

/// `cudart` of `nvidia/cu13/lib/libcudart.so.13`.
fn library(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    stem.strip_prefix("lib").unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_set_is_what_the_cpu_library_needs() {
        for entry in [
            "torch/include/ATen/ATen.h",
            "torch/lib/libtorch_cpu.so",
            "torch/lib/libgomp.so.1",
            "torch/lib/libnvpl_blas_core.so.0",
            "torch/lib/libtorch.dylib",
            "torch/lib/libomp.dylib",
            "torch-2.11.0.dist-info/licenses/LICENSE",
            "nvidia/cu13/lib/libcudart.so.13",
        ] {
            assert!(keep_cpu(entry).is_some() && keep(entry).is_some(), "{entry}");
        }
    }

    #[test]
    fn cuda_libraries_are_for_the_cuda_set() {
        for entry in [
            "torch/lib/libtorch.so",
            "torch/lib/libtorch_cuda.so",
            "torch/lib/libc10_cuda.so",
            "nvidia/cudnn/lib/libcudnn_ops.so.9",
            "nvidia/cu13/lib/libcublas.so.13",
        ] {
            assert!(keep_cpu(entry).is_none() && keep(entry).is_some(), "{entry}");
        }
    }

    #[test]
    fn pythons_side_is_left_out() {
        for entry in [
            "torch/lib/libtorch_python.so",
            "torch/lib/libshm/err.h",
            "torch/nn/functional.py",
            "torch/_C.so",
            "nvidia/cu13/include/cupti.h",
            "torch-2.11.0.dist-info/RECORD",
        ] {
            assert!(keep(entry).is_none(), "{entry}");
        }
    }
}
