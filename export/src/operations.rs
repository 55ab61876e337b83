//! `noisydarts-export operations`: what a latency look-up table is made from.
//!
//! One ONNX file for each distinct operation of a space, lowered as it ships, and some whole networks to hold the sums against;
//! `operations.json` says what is what. Weights are random: they do not matter for time.

use std::path::PathBuf;

use models::genotype::Genotype;
use models::network::Network;
use models::pieces::Pieces;
use models::spaces::skeleton::{Skeleton, Stem};
use models::spaces::{self, SearchSpace, SpaceOptions};
use serde_json::{Value, json};

use crate::cli::size;
use crate::error::Error;
use crate::lower::lower;
use crate::model::write;
use crate::options::{Options, Target};
use crate::weights::{Stream, Weights};

/// Arguments of `operations`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Search space: mobile (also called mobilenet).
    #[arg(long, default_value = "mobile")]
    space: String,
    /// Height and width of the network's input in pixels [default: as published].
    #[arg(long, value_name = "HxW", value_parser = size)]
    input: Option<[usize; 2]>,
    /// Channels of the stem [default: as published].
    #[arg(long, value_name = "C")]
    channels: Option<usize>,
    /// Number of layers [default: as published].
    #[arg(long, value_name = "L")]
    cells: Option<usize>,
    /// Number of classes [default: as published].
    #[arg(long, value_name = "N")]
    classes: Option<usize>,
    /// Whole networks to draw.
    #[arg(long, value_name = "N", default_value_t = 20)]
    networks: usize,
    /// Seed of what is drawn.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// What the files are to run on.
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// The folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

/// Version of `operations.json`.
const SCHEMA: u32 = 1;

/// Writes the files, the list last: where it is, all are. Gives the line of data.
pub(crate) fn run(args: &Args) -> Result<String, Error> {
    let space = spaces::by_name(&args.space)?;
    let skeleton = args.skeleton(space);
    let supernet = space.supernet(&skeleton, SpaceOptions::default())?;
    let pieces = Pieces::of(&supernet)?;
    std::fs::create_dir_all(&args.output)
        .map_err(|source| Error::Write { path: args.output.clone(), source })?;
    for (nth, network) in pieces.networks.iter().enumerate() {
        args.write(&piece_file(nth), network)?;
    }
    let mut draws = Stream::new(args.seed, "networks");
    let mut networks = Vec::new();
    for nth in 0..args.networks {
        let genotype = uniform(space, &supernet, &mut draws);
        let file = format!("network-{nth}.onnx");
        args.write(&file, &space.derived(&file, &genotype, &skeleton)?)?;
        networks.push(json!({ "file": file, "genotype": genotype.to_string() }));
    }
    let list = list(space, &supernet, &pieces, &skeleton, networks);
    write(&args.output.join("operations.json"), format!("{list:#}\n").as_bytes())?;
    let (operations, path) = (pieces.networks.len(), args.output.display());
    Ok(format!("{path}: {operations} operations and fixed parts, {} networks", args.networks))
}

impl Args {
    fn skeleton(&self, space: &dyn SearchSpace) -> Skeleton {
        let published = space.published(Stem::ImageNet);
        Skeleton {
            channels: self.channels.unwrap_or(published.channels),
            cells: self.cells.unwrap_or(published.cells),
            classes: self.classes.unwrap_or(published.classes),
            size: self.input.unwrap_or(published.size),
            auxiliary: false,
            ..published
        }
    }

    fn write(&self, file: &str, network: &Network) -> Result<(), Error> {
        let options = Options { target: self.target, allow_random: true, ..Options::default() };
        lower(network, &Weights::random(network, self.seed), &options)?.write(self.output.join(file))
    }
}

fn piece_file(nth: usize) -> String {
    format!("piece-{nth}.onnx")
}

/// A genotype drawn uniformly.
fn uniform(space: &dyn SearchSpace, supernet: &Network, draws: &mut Stream) -> Genotype {
    let mut row = |ops: usize| (0..ops).map(|_| draws.uniform()).collect::<Vec<f64>>();
    let tables = &supernet.tables;
    let weights: Vec<Vec<Vec<f64>>> =
        tables.iter().map(|table| table.rows.iter().map(|each| row(each.ops.len())).collect()).collect();
    space.derive(tables, &weights)
}

/// What is in the folder: of each row of architecture parameters, which files each operation is.
fn list(
    space: &dyn SearchSpace,
    supernet: &Network,
    pieces: &Pieces,
    skeleton: &Skeleton,
    networks: Vec<Value>,
) -> Value {
    let files = |numbers: &Vec<usize>| numbers.iter().map(|&nth| piece_file(nth)).collect::<Vec<_>>();
    let rows = supernet.tables.iter().flat_map(|table| &table.rows).zip(&pieces.rows);
    let rows = rows.map(|(row, numbers)| {
        let ops = row.ops.iter().zip(numbers).map(|(op, numbers)| json!({ "op": op, "files": files(numbers) }));
        Value::Array(ops.collect())
    });
    let Skeleton { channels, cells, classes, size, .. } = skeleton;
    json!({
        "kind": "operations",
        "schema": SCHEMA,
        "space": space.name(),
        "channels": channels, "cells": cells, "classes": classes, "input": size,
        "fixed": files(&pieces.fixed),
        "rows": rows.collect::<Vec<_>>(),
        "networks": networks,
    })
}
