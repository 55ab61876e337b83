//! `noisydarts-search hessian`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use tch::{Device, Kind, Tensor};

use crate::architecture::numbers;
use crate::device;
use crate::diagnostics::eigen;
use crate::error::Error;
use crate::search::Search;

use super::common::{deliver, say};
use super::stored::Stored;
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The folder of a search, finished or not.
    run: PathBuf,
    /// Write the matrix here, as CSV: a line of the alphas' names, then a line per row.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: String,
}

pub(super) fn hessian(args: &Args, quiet: bool) -> Done {
    let device = device::by_name(&args.device)?;
    let stored = Stored::read(&args.run)?;
    let search = stored.search(device)?;
    let names = names(&search);
    let (count, name, epoch) = (names.len(), stored.name(), stored.epoch());
    say(quiet, &format!("{name}: its largest eigenvalue, then {count} rows"));
    let lanczos = search.largest_eigenvalue(epoch);
    let hessian = search.hessian(epoch).to_device(Device::Cpu).to_kind(Kind::Double);
    check_finite(&hessian, &stored)?;
    if let Some(path) = &args.out {
        deliver(&csv(&names, &hessian), Some(path))?;
    }
    // Only rounding tells a Hessian from its transpose.
    let eigenvalues = eigen::symmetric(&((&hessian + hessian.tr()) / 2.0));
    let result = json!({
        "search": name,
        "epoch": stored.position().epoch,
        "step": stored.position().step,
        "alphas": count,
        "largest": eigenvalues.last(),
        "smallest": eigenvalues.first(),
        "lanczos": lanczos.value,
        "products": lanczos.products,
        "converged": lanczos.converged,
        "asymmetry": (&hessian - hessian.tr()).abs().max().double_value(&[]),
        "eigenvalues": eigenvalues,
    });
    put_line!("{result}");
    Ok(Ended::Done)
}

/// `table.edge.operation` of each alpha, in the order of the rows.
fn names(search: &Search<'_>) -> Vec<String> {
    let view = search.view();
    let of_row = |place: crate::methods::Place<'_>| {
        place.ops.iter().map(move |op| format!("{}.{}.{op}", place.kind, place.edge)).collect::<Vec<_>>()
    };
    view.places().flat_map(of_row).collect()
}

fn check_finite(hessian: &Tensor, stored: &Stored) -> Result<(), Error> {
    if hessian.isfinite().all().int64_value(&[]) == 1 {
        return Ok(());
    }
    let (what, node) = ("the Hessian of the validation loss", "an architecture parameter".into());
    let (epoch, step) = (stored.position().epoch, stored.position().step);
    Err(Error::NotFinite { what, epoch, step, node, checkpoint: "none".into() })
}

fn csv(names: &[String], matrix: &Tensor) -> String {
    let mut text = names.join(",") + "\n";
    for row in matrix.unbind(0) {
        for (at, entry) in numbers(&row).into_iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}{entry}", if at == 0 { "" } else { "," });
        }
        text.push('\n');
    }
    text
}
