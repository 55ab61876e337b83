//! Which input spec pictures are prepared by: flags, the model's own metadata, or the data set's usual one.

use std::fmt;

use models::{
    data::Source,
    input::{CHANNELS, Fit, InputSpec, Interpolation, Layout, per_channel},
    onnx::{Dim, Port},
};

use crate::{
    device::Words,
    error::{Error, Result},
    subject::ModelFile,
    talk::Talk,
};

/// How pictures are prepared. Overrides what the model's file says.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Input (by default the model's own metadata)")]
pub(crate) struct InputArgs {
    /// Subtracted from each channel of values in [0, 1]
    #[arg(long, value_name = "R,G,B", value_parser = per_channel, allow_hyphen_values = true, requires = "std")]
    mean: Option<[f32; 3]>,
    /// Divides each channel after that
    #[arg(long, value_name = "R,G,B", value_parser = per_channel, requires = "mean")]
    std: Option<[f32; 3]>,
    /// Height and width of the network's input
    #[arg(long, value_name = "HxW", value_parser = size)]
    size: Option<[usize; 2]>,
    /// Resize the shorter side to this before the crop
    #[arg(long, value_name = "PIXELS")]
    resize: Option<usize>,
    /// Cut this central square out
    #[arg(long, value_name = "PIXELS")]
    crop: Option<usize>,
    /// How pictures of another size are made to fit: pad, resize, resize-crop
    #[arg(long, value_parser = word::<Fit>)]
    fit: Option<Fit>,
    /// How pixels are resampled: bilinear, bicubic, nearest
    #[arg(long, value_parser = word::<Interpolation>)]
    interpolation: Option<Interpolation>,
    /// Order of the input's axes: nchw, nhwc
    #[arg(long, value_parser = word::<Layout>)]
    layout: Option<Layout>,
}

/// Where the mean and standard deviation of a spec come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    Metadata,
    Flags,
    Data,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "the model's metadata",
            Self::Flags => "flags",
            Self::Data => "the data set",
        })
    }
}

impl InputArgs {
    /// The same flags for another call.
    pub(crate) fn words(&self, words: Words) -> Words {
        let colour = |values: Option<[f32; 3]>| values.map(|values| values.map(|v| v.to_string()).join(","));
        words
            .flag("--mean", colour(self.mean))
            .flag("--std", colour(self.std))
            .flag("--size", self.size.map(|[height, width]| format!("{height}x{width}")))
            .flag("--resize", self.resize)
            .flag("--crop", self.crop)
            .flag("--fit", self.fit.map(name_of))
            .flag("--interpolation", self.interpolation.map(name_of))
            .flag("--layout", self.layout.map(name_of))
    }

    /// The spec for pictures of this source, at the size that the model takes.
    pub(crate) fn resolve(&self, file: &ModelFile, source: &Source, talk: Talk) -> Result<(InputSpec, Origin)> {
        let (fixed, layout) = picture_form(file)?;
        let (base, origin) = self.base(file, source, talk)?;
        let mut spec = self.apply(base, fixed.filter(|_| origin != Origin::Metadata));
        if let Some(layout) = layout {
            if self.layout.is_some_and(|asked| asked != layout) {
                return Err(not_pictures(file, file.input()?));
            }
            spec.layout = layout;
        }
        spec.validate().map_err(|cause| Error::Spec { origin: origin.to_string(), source: cause })?;
        if let Some([height, width]) = fixed.filter(|fixed| *fixed != spec.size) {
            let [h, w] = spec.size;
            let whose = self.size.map_or_else(|| origin.to_string(), |_| "--size".into());
            let problem = format!("it takes {height}x{width} pictures, but the size from {whose} is {h}x{w}");
            return Err(file.misfit(problem));
        }
        Ok((spec, origin))
    }

    fn base(&self, file: &ModelFile, source: &Source, talk: Talk) -> Result<(InputSpec, Origin)> {
        let (own, usual) = (own_spec(file)?, source.input());
        if let (Some(mean), Some(std)) = (self.mean, self.std) {
            return Ok((InputSpec { mean, std, ..own.unwrap_or(usual) }, Origin::Flags));
        }
        if let Some(spec) = own {
            return Ok((spec, Origin::Metadata));
        }
        let InputSpec { mean, std, .. } = &usual;
        talk.note(&format!(
            "{} does not say how its input is prepared; taking mean {mean:?} and standard deviation {std:?}, usual for {source}. If that is wrong, give --mean and --std (and --resize, --crop, --fit where sizes differ)",
            file.name(),
        ));
        Ok((usual, Origin::Data))
    }

    fn apply(&self, base: InputSpec, size: Option<[usize; 2]>) -> InputSpec {
        let cuts = self.resize.is_some() || self.crop.is_some();
        InputSpec {
            size: self.size.or(size).unwrap_or(base.size),
            mean: self.mean.unwrap_or(base.mean),
            std: self.std.unwrap_or(base.std),
            resize: self.resize.or(base.resize),
            crop: self.crop.or(base.crop),
            fit: self.fit.unwrap_or(if cuts { Fit::ResizeCrop } else { base.fit }),
            interpolation: self.interpolation.unwrap_or(base.interpolation),
            layout: self.layout.unwrap_or(base.layout),
        }
    }
}

/// The spec in the model's metadata.
pub(crate) fn own_spec(file: &ModelFile) -> Result<Option<InputSpec>> {
    file.model
        .input_spec()
        .map_err(|source| Error::Spec { origin: format!("the metadata of {}", file.name()), source })
}

/// Height and width of the model's input `[N, 3, H, W]` or `[N, H, W, 3]`, if they are fixed, and which of both it is, if that can
/// be told.
fn picture_form(file: &ModelFile) -> Result<(Option<[usize; 2]>, Option<Layout>)> {
    let input = file.input()?;
    let (sides, layout) = match input.dims.as_deref() {
        None => return Ok((None, None)),
        Some([_, Dim::Fixed(CHANNELS), height, width]) => ([height, width], Some(Layout::Nchw)),
        Some([_, height, width, Dim::Fixed(CHANNELS)]) => ([height, width], Some(Layout::Nhwc)),
        Some([_, Dim::Open(_), height, width]) => ([height, width], None),
        Some(_) => return Err(not_pictures(file, input)),
    };
    match sides {
        [Dim::Fixed(height), Dim::Fixed(width)] => Ok((Some([*height, *width]), layout)),
        _ => Ok((None, layout)),
    }
}

fn not_pictures(file: &ModelFile, input: &Port) -> Error {
    file.misfit(format!(
        "input {:?} takes {}, expected pictures [N, {CHANNELS}, H, W] or [N, H, W, {CHANNELS}]",
        input.name,
        input.shape_text()
    ))
}

/// Pictures per run: what the model's file fixes, else what is asked for, else `usual`.
pub(crate) fn batch(file: &ModelFile, asked: Option<usize>, usual: usize) -> Result<usize> {
    let fixed = match file.input()?.dims.as_deref() {
        Some([Dim::Fixed(batch), ..]) => Some(*batch),
        _ => None,
    };
    match (fixed, asked) {
        (_, Some(0)) | (Some(0), _) => {
            Err(Error::Flag { flag: "--batch", problem: "a batch of 0 holds nothing".into() })
        }
        (Some(fixed), Some(asked)) if fixed != asked => Err(Error::Flag {
            flag: "--batch",
            problem: format!("{} is made for batches of {fixed}", file.name()),
        }),
        (fixed, asked) => Ok(fixed.or(asked).unwrap_or(usual)),
    }
}

fn size(text: &str) -> Result<[usize; 2], String> {
    let sides: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
    match sides.ok().as_deref() {
        Some(&[side]) => Ok([side, side]),
        Some(&[height, width]) => Ok([height, width]),
        _ => Err("expected height and width, as 224x224".into()),
    }
}

/// The name that [`word`] reads.
fn name_of(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

/// A value of an enum by the name that its JSON form has.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}
