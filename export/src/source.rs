//! What to export: a genotype and what surrounds its cells, by command line, by weights file, or by both alike.

use models::genotype::{CellGenotype, Edge, Genotype};
use models::network::Network;
use models::spaces;
use models::spaces::skeleton::{Skeleton, Stem};
use models::zoo::{self, Definition, Named};

use crate::error::Error;
use crate::weights::Weights;

/// What surrounds the cells, as far as the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) stem: Option<Stem>,
    pub(crate) channels: Option<usize>,
    pub(crate) cells: Option<usize>,
    pub(crate) classes: Option<usize>,
    /// Height and width.
    pub(crate) size: Option<[usize; 2]>,
}

/// A network by its name on the command line, with the auxiliary head where the weights have one, and its cells where it
/// has some.
///
/// # Errors
/// When there is no such network or file, when command line and weights contradict each other, or a size does not fit.
pub(crate) fn network(
    name: &str,
    asked: &Asked,
    weights: Option<&Weights>,
) -> Result<(Network, Option<Genotype>), Error> {
    let Named { zoo, definition } = zoo::open(name)?;
    let genotype = match definition {
        Definition::Cells(genotype) => genotype,
        mobile @ Definition::Mobile(_) => {
            let name = zoo.unwrap_or_else(|| "mobile".into());
            return Ok((mobile.network(&name, &asked.options())?, None));
        }
    };
    weights.map_or(Ok(()), |weights| same_genotype(&genotype, weights))?;
    let skeleton = skeleton(asked, weights, &genotype)?;
    let name = zoo.unwrap_or_else(|| plain_name(&genotype, &skeleton));
    Ok((spaces::of(&genotype).derived(&name, &genotype, &skeleton)?, Some(genotype)))
}

/// A name by contents alone, so that where the genotype file lies does not change the bytes.
fn plain_name(genotype: &Genotype, skeleton: &Skeleton) -> String {
    let Skeleton { stem, channels, cells, .. } = skeleton;
    format!("{}-{}-c{channels}-l{cells}", genotype.space, stem.name())
}

impl Asked {
    fn options(&self) -> zoo::Options {
        let Self { stem, channels, cells, classes, size } = *self;
        zoo::Options { stem: stem.unwrap_or(Stem::Cifar), channels, cells, classes, size, auxiliary: false }
    }
}

/// The skeleton that command line and weights agree on; what neither says is as in the papers.
///
/// # Errors
/// [`Error::Contradiction`] where they do not.
fn skeleton(asked: &Asked, weights: Option<&Weights>, genotype: &Genotype) -> Result<Skeleton, Error> {
    if let Some((weights, stored)) = weights.and_then(|weights| Some((weights, weights.summary.skeleton?))) {
        return agree(asked, &weights.label(), &stored).map(|()| stored);
    }
    // A shipped network has no auxiliary head; it matters only where weights bring one.
    let auxiliary = weights.is_some_and(has_auxiliary);
    Ok(Skeleton { auxiliary, ..asked.options().skeleton(genotype) })
}

fn has_auxiliary(weights: &Weights) -> bool {
    weights.tensors.keys().any(|name| name.starts_with("auxiliary."))
}

fn agree(asked: &Asked, weights: &str, stored: &Skeleton) -> Result<(), Error> {
    let same = |flag: &str, stored: String, asked: Option<String>| {
        asked.map_or(Ok(()), |asked| Error::unless_equal(weights, flag, &stored, &asked))
    };
    same("--skeleton", stored.stem.name().into(), asked.stem.map(|stem| stem.name().into()))?;
    same("--channels", stored.channels.to_string(), asked.channels.map(|value| value.to_string()))?;
    same("--cells", stored.cells.to_string(), asked.cells.map(|value| value.to_string()))?;
    same("--classes", stored.classes.to_string(), asked.classes.map(|value| value.to_string()))?;
    same("--input", size_text(stored.size), asked.size.map(size_text))
}

fn size_text([height, width]: [usize; 2]) -> String {
    format!("{height}x{width}")
}

/// Checks that the weights are those of this genotype, where they say whose they are.
///
/// # Errors
/// [`Error::Contradiction`], which names the first edge that differs.
fn same_genotype(asked: &Genotype, weights: &Weights) -> Result<(), Error> {
    let Some(stored) = &weights.summary.genotype else { return Ok(()) };
    let label = weights.label();
    for ((cell, asked), (_, stored)) in asked.cells().zip(stored.cells()) {
        for index in 0..asked.edges.len().max(stored.edges.len()) {
            let what = format!("edge {} of the {cell} cell", index + 1);
            Error::unless_equal(&label, &what, &edge(stored, index), &edge(asked, index))?;
        }
        let what = format!("the output of the {cell} cell");
        Error::unless_equal(&label, &what, &format!("{:?}", stored.concat), &format!("{:?}", asked.concat))?;
    }
    Ok(())
}

fn edge(cell: &CellGenotype, index: usize) -> String {
    let text = |edge: &Edge| format!("{} {}", edge.name(), edge.op);
    cell.edges.get(index).map_or("nothing".into(), text)
}
