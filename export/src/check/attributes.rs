//! Settings of nodes, each looked at exactly once: one that nobody asked for is as wrong as one that is missing.

use std::collections::BTreeMap;

use models::onnx::{Attribute, Node};

/// The settings of a node that were not asked for yet.
pub(super) struct Settings<'a>(BTreeMap<&'a str, &'a Attribute>);

impl<'a> Settings<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        Self(node.attributes.iter().map(|(name, value)| (name.as_str(), value)).collect())
    }

    pub(super) fn take(&mut self, name: &str) -> Result<&'a Attribute, String> {
        self.0.remove(name).ok_or_else(|| format!("no attribute `{name}`"))
    }

    /// So many sizes.
    pub(super) fn sizes<const N: usize>(&mut self, name: &str) -> Result<[usize; N], String> {
        let value = self.take(name)?;
        let Attribute::Ints(values) = value else { return Err(format!("attribute `{name}` {value:?}")) };
        let sizes: Option<Vec<usize>> = values.iter().map(|&value| usize::try_from(value).ok()).collect();
        let sizes = sizes.and_then(|sizes| sizes.try_into().ok());
        sizes.ok_or_else(|| format!("attribute `{name}` {values:?}"))
    }

    /// One size.
    pub(super) fn size(&mut self, name: &str) -> Result<usize, String> {
        match self.take(name)? {
            &Attribute::Int(value @ 0..) => Ok(value as usize),
            other => Err(format!("attribute `{name}` {other:?}")),
        }
    }

    /// Requires a value.
    pub(super) fn expect(&mut self, name: &str, expected: &Attribute) -> Result<(), String> {
        let found = self.take(name)?;
        if found == expected {
            Ok(())
        } else {
            Err(format!("attribute `{name}` {found:?} instead of {expected:?}"))
        }
    }

    /// Requires that nothing is left.
    pub(super) fn end(self) -> Result<(), String> {
        self.0
            .keys()
            .next()
            .map_or(Ok(()), |name| Err(format!("attribute `{name}`, which does not belong there")))
    }
}
