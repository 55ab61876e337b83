//! `cost`: multiply-adds, parameters and activation memory.

mod columns;
mod counted;
mod measured;
mod parts;
mod table;

use std::path::PathBuf;

use models::spaces::skeleton::Stem;
use models::zoo::Options;

use self::columns::Column;
use self::counted::Counted;
use self::measured::{Measured, Results};
use self::parts::By;
use self::table::{Cost, Costs};
pub(crate) use self::table::{KIND, SCHEMA};
use super::{Verdict, shape::ShapeArgs};
use crate::{cli::Context, error::Result, save::save, subject::Subject};

pub(super) use self::counted::trained;

/// Arguments of `cost`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX files (.onnx or .onnx.gz), genotype or block-string files (.json, .txt or .py), or zoo:NAME
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Also each model's parts
    #[arg(long, value_enum, value_name = "PART")]
    by: Option<By>,
    /// Also FLOPs, which are two for each multiply-add of convolutions and linear layers
    #[arg(long)]
    flops: bool,
    /// Count files with operators that are not known; they are listed
    #[arg(long)]
    allow_unknown: bool,
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    skeleton: SkeletonArgs,
}

/// How models are put beside each other.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Comparison")]
struct CompareArgs {
    /// Order of the models: best first
    #[arg(long, value_enum, value_name = "COLUMN")]
    sort: Option<Column>,
    /// Results of `accuracy` and `latency` (--format json) of these models
    #[arg(long, value_name = "FILE")]
    results: Vec<PathBuf>,
    /// Draw the models and their Pareto front to this SVG file
    #[arg(long, value_name = "FILE")]
    pareto: Option<PathBuf>,
    /// Horizontal axis of the picture
    #[arg(long, value_enum, value_name = "COLUMN", default_value = "macs")]
    x: Column,
    /// Vertical axis of the picture
    #[arg(long, value_enum, value_name = "COLUMN", default_value = "top1")]
    y: Column,
}

/// What surrounds the cells of a genotype.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Cells of the zoo and genotype files")]
struct SkeletonArgs {
    /// What surrounds the cells
    #[arg(long, value_enum, default_value_t)]
    skeleton: SkeletonName,
    /// Channels C of the first cell [default: 36; imagenet: 48]
    #[arg(long, value_name = "C")]
    channels: Option<usize>,
    /// Number of cells [default: 20; imagenet: 14]
    #[arg(long, value_name = "L")]
    cells: Option<usize>,
    /// Number of classes [default: 10; imagenet and mobile networks: 1000]
    #[arg(long, value_name = "K")]
    classes: Option<usize>,
    /// Count the auxiliary head among the trained parameters
    #[arg(long)]
    auxiliary: bool,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum SkeletonName {
    /// One 3x3 convolution, for 32x32 pixels
    #[default]
    Cifar,
    /// Three strided 3x3 convolutions, for 224x224 pixels
    Imagenet,
}

/// Counts every model.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let results = Results::read(&args.compare.results)?;
    let costs = args.models.iter().map(|name| {
        let (counted, published) = args.count(name)?;
        Ok(Cost::new(counted, results.of(name).or(published), args.by, args.flops))
    });
    let mut costs = costs.collect::<Result<Vec<Cost>>>()?;
    if let Some(column) = args.compare.sort {
        column.sort(&mut costs);
    }
    if let Some(path) = &args.compare.pareto {
        let svg = columns::pareto(&costs, args.compare.x, args.compare.y)?;
        save(path, svg.as_bytes())?;
        context.talk.note(&format!("wrote {}", path.display()));
    }
    context.print(&Costs::new(costs))?;
    Ok(Verdict::Done)
}

impl Args {
    /// A model's cost, and what was published about it.
    fn count(&self, name: &str) -> Result<(Counted, Measured)> {
        Ok(match Subject::open(name, || self.options())? {
            Subject::File(file) => {
                (Counted::file(&file, &self.shape, self.allow_unknown)?, Measured::default())
            }
            Subject::Network(network) => {
                let batch = self.shape.batch.unwrap_or(1);
                (Counted::network(name, &network, batch), Measured::published(name, &self.options()?))
            }
        })
    }

    fn options(&self) -> Result<Options> {
        let SkeletonArgs { skeleton, channels, cells, classes, auxiliary } = self.skeleton;
        let stem = match skeleton {
            SkeletonName::Cifar => Stem::Cifar,
            SkeletonName::Imagenet => Stem::ImageNet,
        };
        Ok(Options { stem, channels, cells, classes, size: self.shape.image()?, auxiliary })
    }
}
