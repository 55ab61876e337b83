//! Sums of products written with index letters.

use std::collections::BTreeMap;

use super::{
    Family,
    binary::broadcast,
    call::{Call, Outcome, product},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[("Einsum", einsum)];

/// One or two operands. Two cost a multiply-add for each combination of all indices.
fn einsum(call: &Call) -> Result<Outcome> {
    let equation: String = call.text("equation", "")?.split_whitespace().collect();
    let (left, right) = equation.split_once("->").map_or((&*equation, None), |(l, r)| (l, Some(r)));
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != call.inputs.len() || terms.len() > 2 {
        return Err(bad(&equation));
    }
    let mut sizes = Sizes::default();
    for (index, term) in terms.iter().enumerate() {
        let added = sizes.add(term, call.dims(index)?);
        added.ok_or_else(|| call.mismatch(format!("shapes that fit {equation:?}")))?;
    }
    let implicit = || implicit_output(left);
    let dims = sizes.shape(&right.map_or_else(implicit, Into::into)).ok_or_else(|| bad(&equation))?;
    let all = sizes.letters.values().chain(&sizes.ellipsis).copied();
    Outcome::counted(dims, if terms.len() == 2 { product(all)? } else { 0 })
}

/// The sizes that the indices stand for.
#[derive(Default)]
struct Sizes {
    letters: BTreeMap<char, usize>,
    /// Those of `...`, broadcast.
    ellipsis: Vec<usize>,
}

impl Sizes {
    /// Reads one operand's shape by its indices; none if they do not fit.
    fn add(&mut self, term: &str, dims: &[usize]) -> Option<()> {
        let (before, after) = term.split_once("...").unwrap_or((term, ""));
        let (first, rest) = dims.split_at_checked(before.chars().count())?;
        let (middle, last) = rest.split_at_checked(rest.len().checked_sub(after.chars().count())?)?;
        if !term.contains("...") && !middle.is_empty() {
            return None;
        }
        self.ellipsis = broadcast(&self.ellipsis, middle)?;
        for (letter, &size) in before.chars().chain(after.chars()).zip(first.iter().chain(last)) {
            let known = self.letters.entry(letter).or_insert(size);
            if *known == 1 {
                *known = size;
            }
            if *known != size && size != 1 {
                return None;
            }
        }
        Some(())
    }

    /// The shape of these indices; none if one of them is new.
    fn shape(&self, output: &str) -> Option<Vec<usize>> {
        let (before, after) = output.split_once("...").unwrap_or((output, ""));
        let sizes = |text: &str| -> Option<Vec<usize>> {
            text.chars().map(|letter| self.letters.get(&letter).copied()).collect()
        };
        let middle = if output.contains("...") { self.ellipsis.clone() } else { vec![] };
        Some([sizes(before)?, middle, sizes(after)?].concat())
    }
}

/// Without an arrow: `...` and then the letters that occur once, by the alphabet.
fn implicit_output(left: &str) -> String {
    let mut once: Vec<char> =
        left.chars().filter(|c| c.is_alphabetic() && left.matches(*c).count() == 1).collect();
    once.sort_unstable();
    let ellipsis = if left.contains("...") { "..." } else { "" };
    ellipsis.chars().chain(once).collect()
}

fn bad(equation: &str) -> Error {
    let problem = format!("{equation:?} is no sum over one or two operands");
    Error::Attribute { name: "equation".into(), problem }
}
