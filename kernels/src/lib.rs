//! What libtorch lacks: C++ beside it, small, with libtorch's own way as each piece's test.
//!
//! The only crate that calls C++ by itself. What it gives is safe to call.
#![allow(unsafe_code, reason = "calls C++")]

mod device;

use std::ffi::{CStr, c_char};
use std::sync::Once;

pub use device::{Late, RandomState, allow_tf32, autocast, host_reads};
use tch::Tensor;

type CTensor = torch_sys::C_tensor;

unsafe extern "C" {
    fn noisydarts_keep_memory();
    fn noisydarts_depthwise(
        x: *const CTensor,
        weight: *const CTensor,
        stride: i64,
        padding: i64,
        error: *mut c_char,
    ) -> *mut CTensor;
}

/// Makes libtorch keep the memory of freed tensors on the CPU for tensors to come, in this process from now on.
///
/// The process gets larger by an eighth at most than the tensors of its largest step.
pub fn keep_memory() {
    static ONCE: Once = Once::new();
    // SAFETY: the allocator that it installs is never destroyed, and memory of the one before carries its own deleter.
    ONCE.call_once(|| unsafe { noisydarts_keep_memory() });
}

/// The depthwise convolution of `x` `[N, C, H, W]` with `weight` `[C, 1, K, K]`, without bias or dilation, as
/// `Tensor::conv2d` with as many groups as channels; its gradient of the weights is faster on CPUs where channels are
/// innermost. Can be differentiated twice.
///
/// # Panics
/// When the shapes do not fit each other, as `Tensor::conv2d` does.
#[must_use]
pub fn depthwise(x: &Tensor, weight: &Tensor, stride: i64, padding: i64) -> Tensor {
    // SAFETY: both tensors live through the call, and a result that is not null is a new tensor that nobody else owns.
    unsafe {
        let (x, weight) = (x.as_ptr(), weight.as_ptr());
        Tensor::from_ptr(sound(|error| noisydarts_depthwise(x, weight, stride, padding, error)))
    }
}

/// What a call gives that is never null, unless it fails; `error` is for its message.
fn sound<T>(call: impl FnOnce(*mut c_char) -> *mut T) -> *mut T {
    let mut error = [0; 512];
    let result = call(error.as_mut_ptr());
    // SAFETY: callees fill 512 bytes at most, and end them in a zero.
    assert!(!result.is_null(), "{}", unsafe { CStr::from_ptr(error.as_ptr()) }.to_string_lossy());
    result
}

#[cfg(test)]
mod tests;
