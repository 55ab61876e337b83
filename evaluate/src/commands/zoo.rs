//! `zoo`: what `zoo:NAME` may name.

use models::conventions::{Macs, Parameters};
use models::zoo::{Definition, Details, ENTRIES, Entry, Options, UNPUBLISHED};
use serde::Serialize;

use super::Verdict;
use crate::{
    cli::Context,
    error::Result,
    report::{Cell, Report, Table},
};

/// Arguments of `zoo`: none.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// A network of the zoo.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    title: String,
    /// `cells`, counted at C36, 20 cells, 10 classes on 32x32 pixels; `mobile`, as published; or `unpublished`.
    kind: &'static str,
    #[serde(flatten)]
    counts: Option<Counts>,
    published: Vec<String>,
    source: String,
    note: String,
}

#[derive(Serialize)]
struct Counts {
    macs: Macs,
    params: Parameters,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Lists the zoo.
pub(crate) fn run(_: &Args, context: &Context) -> Result<Verdict> {
    let rows: Result<Vec<Row>> = ENTRIES.iter().chain(UNPUBLISHED).map(row).collect();
    context.print(&Rows(rows?))?;
    Ok(Verdict::Done)
}

fn row(entry: &'static Entry) -> Result<Row> {
    let details = entry.details()?;
    let kind = match details.definition {
        Some(Definition::Cells(_)) => "cells",
        Some(Definition::Mobile(_)) => "mobile",
        None => "unpublished",
    };
    let network =
        details.definition.as_ref().map(|d| d.network(entry.name, &Options::default())).transpose()?;
    Ok(Row {
        name: entry.name,
        kind,
        counts: network.map(|network| Counts { macs: Macs::of(&network), params: Parameters::of(&network) }),
        published: published(&details),
        title: details.title,
        source: details.source,
        note: details.note,
    })
}

/// What was published, place by place.
fn published(details: &Details) -> Vec<String> {
    let figures = |row: &models::zoo::Published| {
        let parts = [(row.parameters, "M parameters"), (row.macs, "M MACs"), (row.top1, "% top-1")];
        let parts: Vec<String> =
            parts.iter().filter_map(|(figure, unit)| Some(format!("{} {unit}", (*figure)?))).collect();
        format!("{}, {}: {}", row.place, row.data, parts.join(", "))
    };
    details.published.iter().map(figures).collect()
}

impl Report for Rows {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["name", "MACs (conv + linear)", "params", "kind", "published"]);
        for row in &self.0 {
            let published = row.published.first().map_or("-", String::as_str);
            let numbers =
                row.counts.as_ref().map(|counts| [counts.macs.conv_linear, counts.params.without_aux]);
            let [macs, params] = numbers.map_or(["-".into(), "-".into()], |numbers| numbers.map(Cell::Count));
            table.row(&[row.name.into(), macs, params, row.kind.into(), published.into()]);
        }
        vec![table]
    }
}
