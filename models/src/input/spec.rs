//! The spec itself: its fields, their text form, their validity.

use serde::{Deserialize, Serialize};

use super::{CHANNELS, Error};

/// What a network expects of its input, and how a picture is made into that.
///
/// The JSON form is stable; fields that are absent take the default named here:
/// ```
/// # use models::input::InputSpec;
/// let text = r#"{"size":[32,32],"mean":[0.5,0.5,0.5],"std":[0.25,0.25,0.25],"fit":"pad","interpolation":"bilinear","layout":"nchw"}"#;
/// assert_eq!(InputSpec::from_json(text)?.to_json()?, text);
/// # Ok::<(), models::input::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Height and width of the network's input, in pixels.
    pub size: [usize; 2],
    /// Subtracted from each channel (`R, G, B`) after division by 255.
    pub mean: [f32; 3],
    /// Divides each channel after that.
    pub std: [f32; 3],
    /// With [`Fit::ResizeCrop`]: the shorter side is resized to this many pixels before the crop, the other one in
    /// proportion, rounded down as torchvision does. `None`: the least size that covers the crop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resize: Option<usize>,
    /// With [`Fit::ResizeCrop`]: side of the central square that is cut out, in pixels; where it is not `size`, the
    /// square is resized to it. `None`: a window of `size` itself, as `ImageNet` evaluation has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<usize>,
    /// How a picture of another size gets there. Default: pad.
    #[serde(default)]
    pub fit: Fit,
    /// How pixels are resampled. Default: bilinear.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// Order of the tensor's axes. Default: NCHW.
    #[serde(default)]
    pub layout: Layout,
}

/// How a picture is brought to the input's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Centred on black (zero bytes, so black before normalisation); an odd remainder goes to the bottom and right.
    /// Larger pictures are an error, equal ones pass unchanged.
    #[default]
    Pad,
    /// Stretched to the size, without regard to its proportions.
    Resize,
    /// The shorter side resized, then the centre cut out: `ImageNet`'s evaluation transform.
    ResizeCrop,
}

/// How pixels are resampled: byte for byte as `Image.resize` of Pillow up to 12 (antialiased when shrinking).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interpolation {
    /// Triangle filter.
    #[default]
    Bilinear,
    /// Cubic convolution with a = -0.5.
    Bicubic,
    /// The pixel under the centre, not antialiased.
    Nearest,
}

/// Order of the tensor's axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `[N, C, H, W]`.
    #[default]
    Nchw,
    /// `[N, H, W, C]`, as networks from TensorFlow take it.
    Nhwc,
}

impl InputSpec {
    /// Greatest height, width, resize or crop, in pixels.
    pub const MAX_SIDE: usize = 1 << 14;

    /// A spec of this size (height, width) and normalisation (`R, G, B`, for values in `[0, 1]`), all else default.
    #[must_use]
    pub fn new(size: [usize; 2], mean: [f32; 3], std: [f32; 3]) -> Self {
        Self {
            size,
            mean,
            std,
            resize: None,
            crop: None,
            fit: Fit::default(),
            interpolation: Interpolation::default(),
            layout: Layout::default(),
        }
    }

    /// Reads and validates the JSON form.
    ///
    /// # Errors
    /// When the text is not that of an input spec, a field is unknown, or [`Self::validate`] refuses it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let spec: Self = serde_json::from_str(text)?;
        spec.validate()?;
        Ok(spec)
    }

    /// The JSON form: one line, fields in the order of declaration, shortest decimals that give the same `f32`.
    ///
    /// # Errors
    /// When [`Self::validate`] refuses the spec: what is written can be read again.
    pub fn to_json(&self) -> Result<String, Error> {
        self.validate()?;
        Ok(serde_json::to_string(self)?)
    }

    /// Shape of the network's input for so many pictures, in the order of `layout`.
    #[must_use]
    pub fn shape(&self, pictures: usize) -> [usize; 4] {
        let [height, width] = self.size;
        match self.layout {
            Layout::Nchw => [pictures, CHANNELS, height, width],
            Layout::Nhwc => [pictures, height, width, CHANNELS],
        }
    }

    /// Height of the window that [`Fit::ResizeCrop`] cuts out, and its width.
    pub(super) fn window(&self) -> [usize; 2] {
        self.crop.map_or(self.size, |side| [side; 2])
    }

    /// # Errors
    /// When a side is zero or beyond [`Self::MAX_SIDE`], a mean or standard deviation is not finite, a standard
    /// deviation is not positive, or `resize` and `crop` are set where they have no use or contradict each other.
    pub fn validate(&self) -> Result<(), Error> {
        let sides = [
            ("size", Some(self.size[0])),
            ("size", Some(self.size[1])),
            ("resize", self.resize),
            ("crop", self.crop),
        ];
        for (field, found) in sides.into_iter().filter_map(|(field, side)| Some((field, side?))) {
            if !(1..=Self::MAX_SIDE).contains(&found) {
                return Err(Error::Side { field, found });
            }
        }
        self.validate_statistics()?;
        self.validate_crop()
    }

    fn validate_statistics(&self) -> Result<(), Error> {
        for channel in 0..CHANNELS {
            let (mean, std) = (self.mean[channel], self.std[channel]);
            if !mean.is_finite() {
                return Err(Error::Statistic { field: "mean", channel, found: mean, expected: "number" });
            }
            if !(std.is_finite() && std > 0.0) {
                return Err(Error::Statistic { field: "std", channel, found: std, expected: "number above 0" });
            }
        }
        Ok(())
    }

    fn validate_crop(&self) -> Result<(), Error> {
        let crop = self.window()[0].max(self.window()[1]);
        match (self.fit, self.resize, self.crop) {
            (Fit::ResizeCrop, Some(resize), _) if crop > resize => Err(Error::Crop { crop, resize }),
            (Fit::ResizeCrop, ..) | (_, None, None) => Ok(()),
            (_, Some(_), _) => Err(Error::Unused { field: "resize" }),
            (_, None, Some(_)) => Err(Error::Unused { field: "crop" }),
        }
    }
}
