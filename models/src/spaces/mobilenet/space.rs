//! The space of the paper's `ImageNet` search (Benchmark 2): 19 layers, each an inverted bottleneck of expansion 3 or 6
//! and kernel 3, 5 or 7, or, where the shape stays, a skip connection: 6^6 · 7^13 networks.
//!
//! Stem, first block and tail are fixed. [`Skeleton::channels`] are those of the stem, 32 as published; the others follow
//! in proportion. [`Skeleton::cells`] is the number of layers, 19 as published; fewer keep the first ones.

use super::choices::{self, LAYERS, Site};
use super::{Block, MobileNet};
use crate::error::Error;
use crate::genotype::{Genotype, MOBILE, strongest_each};
use crate::layer::{Layer, Mix};
use crate::network::{Builder, Network, NodeId, Row, Table};
use crate::primitive::SKIP_CONNECT;
use crate::shape::Shape;
use crate::spaces::skeleton::{Skeleton, Stem, bounded};
use crate::spaces::{SearchSpace, SpaceOptions};

/// The inverted bottlenecks in the order of their architecture parameters.
const BLOCKS: [&str; 6] = ["E3_K3", "E3_K5", "E3_K7", "E6_K3", "E6_K5", "E6_K7"];
/// Channels of the published stem.
const STEM: f64 = 32.0;

/// The mobile space.
pub struct Mobile;

impl SearchSpace for Mobile {
    fn name(&self) -> &'static str {
        MOBILE
    }

    fn other_names(&self) -> &'static [&'static str] {
        &["mobilenet"]
    }

    fn summary(&self) -> &'static str {
        "19 layers of inverted bottlenecks, 6 choices each and skip where the shape stays; cells = layers"
    }

    fn source(&self) -> &'static str {
        "NoisyDARTS §4.2, the backbone of FairNAS (Chu et al. 2019) with the identity added"
    }

    fn tables(&self, skeleton: &Skeleton, _options: SpaceOptions) -> Vec<Table> {
        let row = |(layer, site): (usize, Site)| Row {
            edge: format!("{}_{layer}", layer + 1),
            ops: BLOCKS
                .into_iter()
                .chain((!site.changes_shape).then_some(SKIP_CONNECT))
                .map(String::from)
                .collect(),
        };
        let rows = choices::sites().take(skeleton.cells).enumerate().map(row).collect();
        vec![Table { name: "layers".into(), rows }]
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        bounded("layers", skeleton.cells, LAYERS)?;
        let network = sized(choices::bare(), skeleton);
        network.check()?;
        let [height, width] = network.size;
        let mut b = Builder::new("mobile-supernet", Shape::map(3, height, width));
        let mut x = network.stem(&mut b)?;
        x = network.block(&mut b, "layers.0", x, &network.blocks[0])?;
        for table in tables {
            let index = b.table(table.clone());
            for (row, (choices, site)) in table.rows.iter().zip(choices::sites()).enumerate() {
                let candidates = candidates(&mut b, &network, row + 1, x, choices, site, skeleton)?;
                let mix = Layer::Mix(Mix { table: index, row });
                x = b.push(format!("layers.{}.mix", row + 1), mix, &candidates)?;
            }
        }
        network.head(&mut b, x)?;
        b.finish()
    }

    fn derive(&self, tables: &[Table], weights: &[Vec<Vec<f64>>]) -> Genotype {
        let normal = strongest_each(&tables[0], &weights[0]);
        Genotype { space: MOBILE.into(), normal, reduce: None }
    }

    fn derived(&self, name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
        let choices: Vec<&str> = genotype.normal.edges.iter().map(|edge| edge.op.as_str()).collect();
        sized(choices::of_layers(&choices)?, skeleton).network(name)
    }

    fn published(&self, stem: Stem) -> Skeleton {
        let channels = choices::bare().stem.channels;
        Skeleton { stem, channels, cells: LAYERS, classes: 1000, size: [224, 224], auxiliary: false }
    }

    fn has_auxiliary(&self) -> bool {
        false
    }
}

/// The network at the width, for the classes and the pictures of this skeleton.
fn sized(network: MobileNet, skeleton: &Skeleton) -> MobileNet {
    let scaled = network.scaled(skeleton.channels as f64 / STEM);
    MobileNet { size: skeleton.size, classes: skeleton.classes, ..scaled }
}

/// The outputs of a layer's candidates.
fn candidates(
    b: &mut Builder,
    network: &MobileNet,
    layer: usize,
    x: NodeId,
    row: &Row,
    site: Site,
    skeleton: &Skeleton,
) -> Result<Vec<NodeId>, Error> {
    let build = |op: &String| match choices::choice_of(op) {
        Ok(None) => Ok(x),
        Ok(Some(choice)) => {
            let block = sized_block(choice.block(site), skeleton);
            network.block(b, &format!("layers.{layer}.{op}"), x, &block)
        }
        Err(expected) => Err(Error::Size { what: "the choices", expected, found: op.clone() }),
    };
    row.ops.iter().map(build).collect()
}

fn sized_block(block: Block, skeleton: &Skeleton) -> Block {
    let network = MobileNet { blocks: vec![block.clone()], ..choices::bare() };
    sized(network, skeleton).blocks.pop().unwrap_or(block)
}
