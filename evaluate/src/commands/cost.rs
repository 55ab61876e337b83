//! `cost`: multiply-adds and parameters.

use serde::Serialize;

use super::{Verdict, shape::ShapeArgs};
use crate::{
    cli::Context,
    error::Result,
    metadata,
    report::{Report, Table, count},
    subject::{ModelFile, Subject},
};

/// Arguments of `cost`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX files (.onnx or .onnx.gz)
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    #[command(flatten)]
    shape: ShapeArgs,
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
    bytes: u64,
}

/// Multiply-adds by convention.
#[derive(Clone, Debug, Serialize)]
struct Macs {
    /// Convolutions and linear layers, the convention of the papers.
    conv_linear: u64,
}

/// Parameters in several meanings.
#[derive(Clone, Debug, Serialize)]
struct Params {
    /// As trained, if the file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    trained: Option<u64>,
    /// Floats that the file's nodes use.
    deployed: u64,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Costs(Vec<Cost>);

/// Counts every model.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let costs = args.models.iter().map(|name| match Subject::open(name)? {
        Subject::File(file) => of_file(&file, &args.shape),
    });
    context.print(&Costs(costs.collect::<Result<_>>()?))?;
    Ok(Verdict::Done)
}

fn of_file(file: &ModelFile, shape: &ShapeArgs) -> Result<Cost> {
    let account = file.account(&shape.assume())?;
    let input = file.model.graph.inputs.first().and_then(|input| account.shapes.get(&input.name));
    Ok(Cost {
        model: file.name(),
        input: input.cloned().unwrap_or_default(),
        macs: Macs { conv_linear: account.macs },
        params: Params { trained: trained(file), deployed: account.params },
        bytes: file.model.bytes,
    })
}

/// The number of trained parameters that the file's metadata gives.
pub(super) fn trained(file: &ModelFile) -> Option<u64> {
    file.model.metadata.get(metadata::TRAINED)?.parse().ok()
}

impl Report for Costs {
    fn text(&self) -> String {
        let mut table = Table::new(&[
            "model",
            "input",
            "MACs (conv + linear)",
            "params deployed",
            "params trained",
            "bytes",
        ]);
        for cost in &self.0 {
            let input: Vec<String> = cost.input.iter().map(ToString::to_string).collect();
            table.row(&[
                cost.model.clone(),
                input.join("x"),
                count(cost.macs.conv_linear),
                count(cost.params.deployed),
                cost.params.trained.map_or_else(|| "-".into(), count),
                count(cost.bytes),
            ]);
        }
        table.lines()
    }
}
