//! What the networks of a row count, beside what was published about them.

use models::conventions::{CONVENTIONS, Convention, Parameters, Terms, per_node};
use models::network::Network;
use serde::Serialize;

use super::data::{self, About, Data, Networks, Row};
use super::figure::{Difference, Figure, Statistic};
use crate::error::Result;

/// Counts of the networks of a row.
#[derive(Debug, Serialize)]
pub(super) struct Computed {
    /// Names on the command line.
    networks: Vec<String>,
    pub(super) params: Compared,
    /// Multiply-adds of convolutions and linear layers.
    pub(super) conv_linear: Compared,
    /// Multiply-adds in the convention that gives the published figure, where one does.
    pub(super) as_published: Option<InConvention>,
}

/// A count and its distance from the published figure, where there is one.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    pub(super) counted: Statistic,
    pub(super) difference: Option<Difference>,
}

/// Multiply-adds in a convention.
#[derive(Debug, Serialize)]
pub(super) struct InConvention {
    convention: &'static str,
    #[serde(skip)]
    pub(super) title: &'static str,
    #[serde(flatten)]
    pub(super) macs: Compared,
}

impl Computed {
    /// Counts a row; none where the table has nothing to count or the row no public definition.
    pub(super) fn of(data: &Data, row: &Row) -> Result<Option<Self>> {
        let (Some(heads), Some(networks)) = (&data.counted, &row.network) else { return Ok(None) };
        let counts = Counts::of(networks)?;
        let published = |head: &str| row.cell(data, head).and_then(Figure::parse);
        let macs = published(&heads.macs);
        let in_convention = |convention: &'static Convention| InConvention {
            convention: convention.name,
            title: convention.title,
            macs: Compared::new(counts.macs(convention), macs),
        };
        let convention = row.convention.as_deref().map(data::convention).transpose()?;
        Ok(Some(Self {
            networks: networks.names(),
            params: Compared::new(counts.params(), published(&heads.params)),
            conv_linear: Compared::new(counts.macs(&CONVENTIONS[0]), macs),
            as_published: convention.map(in_convention),
        }))
    }

    /// The figures that differ by more than their rounding.
    pub(super) fn differing(&self) -> Vec<About> {
        let mut differing = Vec::new();
        if self.params.differs() {
            differing.push(About::Params);
        }
        let in_convention = self.as_published.as_ref().is_some_and(|published| published.macs.differs());
        if self.conv_linear.differs() || in_convention {
            differing.push(About::Macs);
        }
        differing
    }
}

impl Compared {
    fn new(counted: Statistic, published: Option<Figure>) -> Self {
        Self { counted, difference: published.map(|figure| figure.difference(&counted)) }
    }

    fn differs(&self) -> bool {
        self.difference.is_some_and(|difference| !difference.vanishes)
    }
}

/// Parameters and terms of networks.
struct Counts(Vec<(Parameters, Terms)>);

impl Counts {
    fn of(networks: &Networks) -> Result<Self> {
        let count = |network: &Network| {
            (Parameters::of(network), per_node(&network.inference()).into_iter().sum::<Terms>())
        };
        Ok(Self(networks.build()?.iter().map(count).collect()))
    }

    fn params(&self) -> Statistic {
        Statistic::of(&self.0.iter().map(|(params, _)| params.without_aux).collect::<Vec<_>>())
    }

    fn macs(&self, convention: &Convention) -> Statistic {
        Statistic::of(&self.0.iter().map(|(_, terms)| convention.count(terms)).collect::<Vec<_>>())
    }
}

/// Counts in words, for a note: `zoo:darts-v1: 3 169 414 parameters, 500 987 520 MACs (conv + linear)`.
pub(super) fn in_words(networks: &Networks) -> Result<String> {
    let counts = Counts::of(networks)?;
    Ok(format!(
        "{}: {} parameters, {} MACs (conv + linear)",
        networks.names().join(", "),
        counts.params().cell(),
        counts.macs(&CONVENTIONS[0]).cell()
    ))
}
