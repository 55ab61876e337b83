//! How a picture becomes a network's input: size, fit, normalisation.
//!
//! An [`InputSpec`] belongs to the trained network and travels with it, in the ONNX file's metadata: training and
//! every runtime go through this one code, so that libtorch, ONNX Runtime and tract see bit-identical inputs.
//! All geometry happens on bytes, before normalisation, and equals PIL's ([`Interpolation`]).

mod fit;
mod normalise;
mod resample;
mod spec;

pub use spec::{Fit, InputSpec, Interpolation, Layout};

/// Channels of every network input: red, green, blue. Grey pictures fill all three equally.
pub const CHANNELS: usize = 3;

/// `ImageNet`'s mean and standard deviation (`R, G, B`, for values in `[0, 1]`), as all of its networks use them.
pub const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/// One number per channel, as `0.5,0.5,0.5` on a command line.
///
/// # Errors
/// What is expected, where it is something else.
pub fn per_channel(text: &str) -> Result<[f32; CHANNELS], String> {
    let values: Result<Vec<f32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    values.ok().and_then(|v| v.try_into().ok()).ok_or_else(|| "expected three numbers, as 0.5,0.5,0.5".into())
}

/// What can be wrong with an input spec, or with a picture it is applied to. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not an input spec.
    #[error("read the input spec")]
    Json(#[from] serde_json::Error),
    /// A size, crop or resize of zero or beyond [`InputSpec::MAX_SIDE`].
    #[error("accept the input spec: {field} has a side of {found}, expected 1 to {}", InputSpec::MAX_SIDE)]
    Side {
        /// `size`, `resize` or `crop`.
        field: &'static str,
        /// The side, in pixels.
        found: usize,
    },
    /// A mean that is no number, or a standard deviation that is not a positive one.
    #[error("accept the input spec: {field}[{channel}] is {found}, expected a finite {expected}")]
    Statistic {
        /// `mean` or `std`.
        field: &'static str,
        /// Which channel.
        channel: usize,
        /// Its value.
        found: f32,
        /// What it may be.
        expected: &'static str,
    },
    /// `resize` or `crop` with a fit that does not use them.
    #[error("accept the input spec: {field} is used by the fit \"resize-crop\" alone")]
    Unused {
        /// `resize` or `crop`.
        field: &'static str,
    },
    /// A window that is larger than the picture it is cut from.
    #[error("accept the input spec: a crop of {crop} pixels from a shorter side resized to {resize}")]
    Crop {
        /// The window's longer side.
        crop: usize,
        /// The resized picture's shorter side.
        resize: usize,
    },
    /// [`Fit::Pad`] and a picture that is larger than the input.
    #[error(
        "pad a picture of {found_height}x{found_width} to {}x{}: it is larger (the fits resize and resize-crop take any size)",
        .size[0], .size[1]
    )]
    Larger {
        /// Height of the picture.
        found_height: usize,
        /// Width of the picture.
        found_width: usize,
        /// The input's height and width.
        size: [usize; 2],
    },
    /// A picture whose bytes are not `height x width x channels`, or whose channels are neither 1 nor 3.
    #[error("use a picture of {height}x{width} with {channels} channels and {bytes} bytes")]
    Picture {
        /// Its height.
        height: usize,
        /// Its width.
        width: usize,
        /// Its channels.
        channels: usize,
        /// The bytes it holds.
        bytes: usize,
    },
}
