//! What surrounds the cells: stems, the row of cells, heads.
//!
//! Source: DARTS, `quark0/darts: cnn/model.py`, `model_search.py`.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::layer::{Activation, BatchNorm, Conv2d, Layer, Pool};
use crate::network::{Builder, Network, NodeId};
use crate::primitive::Style;
use crate::shape::Shape;
use crate::spaces::cell::{self, CellPlan, CellSite};

const RELU: Layer = Layer::Activation(Activation::Relu);

/// Which stem and auxiliary head a network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stem {
    /// One 3x3 convolution to three times the channels; for pictures of about 32x32.
    Cifar,
    /// Three strided 3x3 convolutions; for pictures of about 224x224.
    ImageNet,
}

impl Stem {
    /// Its name in files and on command lines: `cifar`, `imagenet`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cifar => "cifar",
            Self::ImageNet => "imagenet",
        }
    }

    /// The stem of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Cifar, Self::ImageNet].into_iter().find(|stem| stem.name() == name)
    }
}

/// The size of a network and of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// Stem.
    pub stem: Stem,
    /// Channels C of the first cell.
    pub channels: usize,
    /// Number of cells; the ones at a third and two thirds are reduction cells.
    pub cells: usize,
    /// Number of classes.
    pub classes: usize,
    /// Input height and width in pixels; the picture has three channels.
    pub size: [usize; 2],
    /// Whether the auxiliary head is attached behind the second reduction cell.
    pub auxiliary: bool,
}

impl Skeleton {
    /// The CIFAR retraining network of the papers: C36, 20 cells, 32x32, auxiliary head.
    #[must_use]
    pub const fn cifar(classes: usize) -> Self {
        Self { stem: Stem::Cifar, channels: 36, cells: 20, classes, size: [32, 32], auxiliary: true }
    }

    /// The `ImageNet` (mobile setting) network of the papers: C48, 14 cells, 224x224, auxiliary head.
    #[must_use]
    pub const fn imagenet(classes: usize) -> Self {
        Self { stem: Stem::ImageNet, channels: 48, cells: 14, classes, size: [224, 224], auxiliary: true }
    }

    /// Whether the cell of this index is a reduction cell.
    #[must_use]
    pub const fn is_reduction(&self, cell: usize) -> bool {
        cell == self.cells / 3 || cell == 2 * self.cells / 3
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        bounded("channels", self.channels, CHANNELS)?;
        bounded("cells", self.cells, CELLS)?;
        bounded("classes", self.classes, CHANNELS)?;
        bounded("height", self.size[0], PIXELS)?;
        bounded("width", self.size[1], PIXELS)
    }
}

/// The most channels, classes or features that a network may be asked for.
pub(crate) const CHANNELS: usize = 1 << 24;
/// The most pixels of a side.
pub(crate) const PIXELS: usize = 1 << 16;
/// The most cells.
const CELLS: usize = 10_000;

/// Refuses sizes that are 0 or beyond anything that is built.
pub(crate) fn bounded(what: &'static str, found: usize, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&found) {
        return Ok(());
    }
    let expected = if found == 0 { "at least 1".into() } else { format!("at most {most}") };
    Err(Error::Size { what, expected, found: found.to_string() })
}

/// The two kinds of cell that a network is a row of.
pub(crate) struct Cells<'a> {
    pub(crate) normal: &'a CellPlan,
    pub(crate) reduce: &'a CellPlan,
    pub(crate) style: Style,
}

/// Appends stem, cells and heads.
pub(crate) fn build(mut b: Builder, skeleton: &Skeleton, cells: &Cells<'_>) -> Result<Network, Error> {
    skeleton.check()?;
    let [mut s0, mut s1] = stem(&mut b, skeleton)?;
    let mut site = CellSite {
        index: 0,
        channels: skeleton.channels,
        reduction: false,
        previous_reduction: skeleton.stem == Stem::ImageNet,
        style: cells.style,
    };
    let mut branch = None;
    for index in 0..skeleton.cells {
        site = CellSite { index, reduction: skeleton.is_reduction(index), ..site };
        site.channels *= if site.reduction { 2 } else { 1 };
        let plan = if site.reduction { cells.reduce } else { cells.normal };
        (s0, s1) = (s1, cell::build(&mut b, site, plan, [s0, s1])?);
        site.previous_reduction = site.reduction;
        if index == 2 * skeleton.cells / 3 {
            branch = Some(s1);
        }
    }
    head(&mut b, skeleton, s1)?;
    if let (true, Some(branch)) = (skeleton.auxiliary, branch) {
        auxiliary(&mut b, skeleton, branch)?;
    }
    b.finish()
}

/// The builder for pictures of this skeleton's size.
pub(crate) fn start(name: &str, skeleton: &Skeleton) -> Builder {
    let [height, width] = skeleton.size;
    Builder::new(name, Shape::map(3, height, width))
}

fn stem(b: &mut Builder, skeleton: &Skeleton) -> Result<[NodeId; 2], Error> {
    let norm = Layer::BatchNorm(BatchNorm::new(true));
    let channels = skeleton.channels;
    let image = b.input();
    match skeleton.stem {
        Stem::Cifar => {
            let conv = Layer::Conv2d(Conv2d::same(3 * channels, 3, 1));
            let stem = b.chain("stem", image, vec![("conv", conv), ("bn", norm)])?;
            Ok([stem, stem])
        }
        Stem::ImageNet => {
            let conv = |out| Layer::Conv2d(Conv2d::same(out, 3, 2));
            let first = vec![
                ("conv1", conv(channels / 2)),
                ("bn1", norm.clone()),
                ("relu", RELU),
                ("conv2", conv(channels)),
                ("bn2", norm.clone()),
            ];
            let s0 = b.chain("stem0", image, first)?;
            let s1 = b.chain("stem1", s0, vec![("relu", RELU), ("conv", conv(channels)), ("bn", norm)])?;
            Ok([s0, s1])
        }
    }
}

fn head(b: &mut Builder, skeleton: &Skeleton, x: NodeId) -> Result<(), Error> {
    let linear = Layer::Linear(skeleton.classes);
    let logits = b.chain(
        "head",
        x,
        vec![("pool", Layer::GlobalAvgPool), ("flatten", Layer::Flatten), ("linear", linear)],
    )?;
    b.output("logits", logits);
    Ok(())
}

/// The auxiliary head; the `ImageNet` one pools at stride 2 and has no batch norm behind its 2x2 convolution,
/// which upstream keeps as a known slip because the published weights have it so.
fn auxiliary(b: &mut Builder, skeleton: &Skeleton, x: NodeId) -> Result<(), Error> {
    let cifar = skeleton.stem == Stem::Cifar;
    let norm = Layer::BatchNorm(BatchNorm::new(true));
    let pool = Pool { kernel: 5, stride: if cifar { 3 } else { 2 }, padding: 0 };
    let square = Conv2d { padding: [0, 0], kernel: [2, 2], ..Conv2d::pointwise(768) };
    let mut parts = vec![
        ("relu", RELU),
        ("pool", Layer::AvgPool(pool)),
        ("conv1", Layer::Conv2d(Conv2d::pointwise(128))),
        ("bn1", norm.clone()),
        ("relu1", RELU),
        ("conv2", Layer::Conv2d(square)),
    ];
    parts.extend(cifar.then_some(("bn2", norm)));
    parts.extend([("relu2", RELU), ("flatten", Layer::Flatten), ("linear", Layer::Linear(skeleton.classes))]);
    let logits = b.chain("auxiliary", x, parts)?;
    b.output("auxiliary", logits);
    Ok(())
}
