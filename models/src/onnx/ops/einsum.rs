//! Sums of products in Einstein's notation.

use std::collections::BTreeMap;

use super::{
    Family,
    binary::broadcast,
    call::{Call, Outcome, product},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[("Einsum", einsum)];

/// `equation` names the axes of the inputs and of the output. The product of two takes one multiply-add per combination of all
/// indices; of one there is none. More are refused: how many they take depends on their order.
fn einsum(call: &Call) -> Result<Outcome> {
    let equation: String = call.text("equation", "")?.split_whitespace().collect();
    let (terms, output) = match equation.split_once("->") {
        Some((terms, output)) => (terms, Some(output.to_string())),
        None => (equation.as_str(), None),
    };
    let terms: Vec<&str> = terms.split(',').collect();
    if terms.len() > 2 || terms.len() != call.inputs.len() {
        return Err(bad(&equation, "one or two inputs, as many as there are"));
    }
    let mut sizes = Sizes::default();
    for (index, term) in terms.iter().enumerate() {
        let known = sizes.add(term, call.dims(index)?);
        known.ok_or_else(|| call.mismatch(format!("shapes that fit {equation:?}")))?;
    }
    let output = output.unwrap_or_else(|| implicit(&terms));
    let dims = sizes.of(&output).ok_or_else(|| bad(&equation, "an output of axes that inputs have"))?;
    let macs = match terms.len() {
        1 => 0,
        _ => product(sizes.letters.values().chain(&sizes.dots).copied())?,
    };
    Outcome::counted(dims, macs)
}

/// Sizes of the axes that an equation names.
#[derive(Default)]
struct Sizes {
    letters: BTreeMap<char, usize>,
    /// Of the axes that `...` stands for.
    dots: Vec<usize>,
}

impl Sizes {
    /// Notes the sizes of an input; none if they do not fit the term or what is known.
    fn add(&mut self, term: &str, dims: &[usize]) -> Option<()> {
        let (before, after) = term.split_once("...").unwrap_or((term, ""));
        let (head, rest) = dims.split_at_checked(before.len())?;
        let (dots, tail) = rest.split_at_checked(rest.len().checked_sub(after.len())?)?;
        if !term.contains("...") && !dots.is_empty() {
            return None;
        }
        self.dots = broadcast(&self.dots, dots)?;
        for (letter, &size) in before.chars().zip(head).chain(after.chars().zip(tail)) {
            let known = self.letters.entry(letter).or_insert(size);
            if !letter.is_ascii_alphabetic() || (*known != size && *known != 1 && size != 1) {
                return None;
            }
            *known = size.max(*known);
        }
        Some(())
    }

    fn of(&self, output: &str) -> Option<Vec<usize>> {
        let (before, after) = output.split_once("...").unwrap_or((output, ""));
        let size = |letter: char| self.letters.get(&letter).copied();
        let dots: &[usize] = if output.contains("...") { &self.dots } else { &[] };
        let sizes = before.chars().map(size).chain(dots.iter().copied().map(Some));
        sizes.chain(after.chars().map(size)).collect()
    }
}

/// The output of an equation without one: `...`, then the letters that occur once, in order.
fn implicit(terms: &[&str]) -> String {
    let all = terms.concat();
    let mut once: Vec<char> =
        all.chars().filter(|&letter| letter != '.' && all.matches(letter).count() == 1).collect();
    once.sort_unstable();
    let dots = if all.contains("...") { "..." } else { "" };
    dots.chars().chain(once).collect()
}

fn bad(equation: &str, expected: &str) -> Error {
    Error::Attribute { name: "equation".into(), problem: format!("{equation:?} must have {expected}") }
}
