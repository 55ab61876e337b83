//! The shape of a model's input, where the file leaves it open.

use models::onnx::{Assume, Dim};

use crate::{
    device::Words,
    error::{Error, Result},
    input,
    subject::ModelFile,
};

/// Sizes that a file may leave open.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ShapeArgs {
    /// Inputs per run, where the model leaves it open
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<usize>,
    /// Shape of one input, where the model leaves it open, or another one to count for
    #[arg(long, value_name = "CxHxW", value_parser = sizes)]
    pub(crate) input: Option<Sizes>,
}

/// Dimensions of one input, without the batch. (A name of its own, so that clap takes it as one value.)
pub(crate) type Sizes = Box<[usize]>;

impl ShapeArgs {
    /// The same flags for another call.
    pub(crate) fn words(&self, words: Words) -> Words {
        let sizes = self.input.as_deref().map(super::latency::shape_text);
        words.flag("--batch", self.batch).flag("--input", sizes)
    }

    /// What to assume when counting: one input, unless asked otherwise.
    pub(crate) fn assume(&self, allow_unknown: bool) -> Assume {
        let batch = self.batch.unwrap_or(1);
        let input = self.input.as_deref().map(|sizes| [&[batch], sizes].concat());
        Assume { batch, input, allow_unknown }
    }

    /// Height and width of the input of a network that is built, not read.
    pub(crate) fn image(&self) -> Result<Option<[usize; 2]>> {
        let bad = |problem| Error::Flag { flag: "--input", problem };
        match self.input.as_deref() {
            None => Ok(None),
            Some(&[models::input::CHANNELS, height, width]) => Ok(Some([height, width])),
            Some(_) => Err(bad("networks of the zoo take 3xHxW".into())),
        }
    }

    /// The shape to run the model with, every dimension fixed.
    pub(crate) fn running(&self, file: &ModelFile, usual_batch: usize) -> Result<Vec<usize>> {
        let batch = input::batch(file, self.batch, usual_batch)?;
        let port = file.input()?;
        if let Some(sizes) = &self.input {
            check(file, sizes)?;
            return Ok([&[batch], &**sizes].concat());
        }
        let open = || {
            file.misfit(format!(
                "input {:?} has the open shape {}; give it with --input CxHxW",
                port.name,
                port.shape_text()
            ))
        };
        let rest = port.dims.as_deref().and_then(<[Dim]>::split_first).ok_or_else(open)?.1;
        let sizes = rest.iter().map(|dim| match dim {
            Dim::Fixed(size) => Ok(*size),
            Dim::Open(_) => Err(open()),
        });
        std::iter::once(Ok(batch)).chain(sizes).collect()
    }
}

/// A model can run on other sizes than those of its file only where the file leaves them open.
fn check(file: &ModelFile, sizes: &[usize]) -> Result<()> {
    let fixed = file.input()?.dims.as_deref().and_then(<[Dim]>::split_first).map(|(_, rest)| rest);
    let fits = |(dim, size): (&Dim, &usize)| matches!(dim, Dim::Open(_)) || *dim == Dim::Fixed(*size);
    if fixed.is_none_or(|dims| dims.len() == sizes.len() && dims.iter().zip(sizes).all(fits)) {
        return Ok(());
    }
    let problem = format!("{} takes {}", file.name(), file.input()?.shape_text());
    Err(Error::Flag { flag: "--input", problem })
}

pub(crate) fn sizes(text: &str) -> Result<Sizes, String> {
    let sizes: Result<Sizes, _> = text.split('x').map(str::parse).collect();
    sizes.ok().filter(|sizes| !sizes.contains(&0)).ok_or_else(|| "expected positive sizes, as 3x224x224".into())
}
