//! `cost`: multiply-adds and parameters.

use models::conventions::{self, Terms};
use models::network::Network;
use models::spaces::skeleton::Stem;
use models::zoo::Options;
use serde::Serialize;

use super::{Verdict, shape::ShapeArgs};
use crate::{
    cli::Context,
    error::Result,
    metadata,
    report::{Cell, Report, Table},
    subject::{ModelFile, Subject},
};

/// Arguments of `cost`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX files (.onnx or .onnx.gz), genotype files (.json, .txt or .py), or zoo:NAME
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    skeleton: SkeletonArgs,
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

/// Counts of one model.
#[derive(Clone, Debug, Serialize)]
struct Cost {
    model: String,
    /// Shape of the input that was counted for, batch included.
    input: Vec<usize>,
    macs: Macs,
    params: Params,
    /// Size of the decompressed file.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

/// Multiply-adds by convention.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Macs {
    /// Of a network before batch norms are folded.
    Network(conventions::Macs),
    /// Of a file.
    File {
        /// Convolutions and linear layers, the convention of the papers.
        conv_linear: u64,
    },
}

/// Parameters in several meanings.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Params {
    Network(conventions::Parameters),
    File {
        /// As trained, if the file says it.
        #[serde(skip_serializing_if = "Option::is_none")]
        trained: Option<u64>,
        /// Floats that the file's nodes use.
        deployed: u64,
    },
}

#[derive(Serialize)]
#[serde(transparent)]
struct Costs(Vec<Cost>);

/// Counts every model.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let costs = args.models.iter().map(|name| match Subject::open(name, || args.options())? {
        Subject::File(file) => of_file(&file, &args.shape),
        Subject::Network(network) => Ok(of_network(name, &network, args.shape.batch.unwrap_or(1))),
    });
    context.print(&Costs(costs.collect::<Result<_>>()?))?;
    Ok(Verdict::Done)
}

impl Args {
    fn options(&self) -> Result<Options> {
        let SkeletonArgs { skeleton, channels, cells, classes, auxiliary } = self.skeleton;
        let stem = match skeleton {
            SkeletonName::Cifar => Stem::Cifar,
            SkeletonName::Imagenet => Stem::ImageNet,
        };
        Ok(Options { stem, channels, cells, classes, size: self.shape.image()?, auxiliary })
    }
}

fn of_file(file: &ModelFile, shape: &ShapeArgs) -> Result<Cost> {
    let account = file.account(&shape.assume())?;
    let input = file.model.graph.inputs.first().and_then(|input| account.shapes.get(&input.name));
    Ok(Cost {
        model: file.name(),
        input: input.cloned().unwrap_or_default(),
        macs: Macs::File { conv_linear: account.macs },
        params: Params::File { trained: trained(file), deployed: account.params },
        bytes: Some(file.model.bytes),
    })
}

fn of_network(name: &str, network: &Network, batch: usize) -> Cost {
    let terms: Terms = conventions::per_node(&network.inference()).into_iter().sum();
    Cost {
        model: name.into(),
        input: [vec![batch], network.input().dims()].concat(),
        macs: Macs::Network((&terms.times(batch as u64)).into()),
        params: Params::Network(conventions::Parameters::of(network)),
        bytes: None,
    }
}

/// The number of trained parameters that the file's metadata gives.
pub(super) fn trained(file: &ModelFile) -> Option<u64> {
    file.model.metadata.get(metadata::TRAINED)?.parse().ok()
}

impl Cost {
    /// What there is to count, by column; none where this model does not say it.
    fn counts(&self) -> [(&'static str, Option<u64>); 10] {
        let (conv_linear, macs) = match &self.macs {
            Macs::File { conv_linear } => (*conv_linear, None),
            Macs::Network(macs) => (macs.conv_linear, Some(macs)),
        };
        let (trained, deployed, params) = match &self.params {
            Params::File { trained, deployed } => (*trained, *deployed, None),
            Params::Network(params) => (Some(params.trained), params.deployed, Some(params)),
        };
        [
            ("MACs (conv + linear)", Some(conv_linear)),
            ("+ SE pools", macs.map(|macs| macs.with_se_pool)),
            ("thop 0.1", macs.map(|macs| macs.thop_0_1)),
            ("old thop", macs.map(|macs| macs.thop_old)),
            ("fvcore", macs.map(|macs| macs.fvcore)),
            ("params trained", trained),
            ("without aux", params.map(|params| params.without_aux)),
            ("of batch norms", params.map(|params| params.batch_norm)),
            ("params deployed", Some(deployed)),
            ("bytes", self.bytes),
        ]
    }
}

impl Report for Costs {
    fn tables(&self) -> Vec<Table> {
        let counts: Vec<_> = self.0.iter().map(Cost::counts).collect();
        // Columns that no model has are left out.
        let is_used = |column: &usize| counts.iter().any(|row| row[*column].1.is_some());
        let used: Vec<usize> = (0..counts[0].len()).filter(is_used).collect();
        let heads = used.iter().map(|&column| counts[0][column].0);
        let mut table = Table::new(&["model", "input"].into_iter().chain(heads).collect::<Vec<_>>());
        for (cost, counts) in self.0.iter().zip(&counts) {
            let input: Vec<String> = cost.input.iter().map(ToString::to_string).collect();
            let numbers = used.iter().map(|&column| counts[column].1.map_or_else(|| "-".into(), Cell::Count));
            let named = [cost.model.as_str().into(), input.join("x").into()];
            table.row(&named.into_iter().chain(numbers).collect::<Vec<Cell>>());
        }
        vec![table]
    }
}
