//! The Python text of the DARTS family:
//! `Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=range(2, 6), reduce=[...], reduce_concat=[...])`.
//!
//! Edges are `(op, predecessor)`, two per node in order; or `FairDARTS`'s `(op, node, predecessor)`.

use std::fmt;

use super::cursor::{Cursor, error_at};
use super::{CellGenotype, Edge, Genotype, TWO_INPUTS, UP_TO_TWO_INPUTS};
use crate::error::Error;

/// One field of the tuple.
enum Field {
    Edges { edges: Vec<Edge>, triples: bool },
    Concat(Vec<usize>),
}

pub(super) fn parse(text: &str) -> Result<Genotype, Error> {
    let mut c = Cursor::new(text);
    // `NAME = Genotype(...)`, as the files of genotypes have it.
    let start = c.take("a genotype", |c| c.is_alphanumeric() || c == '_')?;
    if start != "Genotype" {
        c.expect("=")?;
        c.expect("Genotype")?;
    }
    c.expect("(")?;
    let mut fields: Vec<(&str, Field)> = Vec::new();
    while !c.accept(")") {
        let at = c.offset();
        let name = c.take("a field or \")\"", |c| c.is_alphanumeric() || c == '_')?;
        if !["normal", "normal_concat", "reduce", "reduce_concat"].contains(&name) {
            return Err(error_at(text, at, "normal, normal_concat, reduce or reduce_concat"));
        }
        c.expect("=")?;
        fields.push((name, field(&mut c, name)?));
        if !c.accept(",") {
            c.expect(")")?;
            break;
        }
    }
    if !c.is_done() {
        return Err(c.error("nothing after the genotype"));
    }
    assemble(c, fields)
}

fn field(c: &mut Cursor<'_>, name: &str) -> Result<Field, Error> {
    if name.ends_with("_concat") { concat(c).map(Field::Concat) } else { edges(c) }
}

fn assemble(mut c: Cursor<'_>, fields: Vec<(&str, Field)>) -> Result<Genotype, Error> {
    let mut cells = [None, None];
    let mut concats = [None, None];
    let mut any_triples = false;
    for (name, field) in fields {
        let at = usize::from(name.starts_with("reduce"));
        match field {
            Field::Edges { edges, triples } => {
                any_triples |= triples;
                cells[at] = Some(edges);
            }
            Field::Concat(nodes) => concats[at] = Some(nodes),
        }
    }
    let mut cell = |at: usize, name: &str| -> Result<CellGenotype, Error> {
        let edges = cells[at].take().ok_or_else(|| c.error(&format!("a field {name}=[...]")))?;
        let concat = concats[at].take().ok_or_else(|| c.error(&format!("a field {name}_concat=...")))?;
        Ok(CellGenotype { edges, concat })
    };
    let (normal, reduce) = (cell(0, "normal")?, cell(1, "reduce")?);
    let space = if any_triples { UP_TO_TWO_INPUTS } else { TWO_INPUTS };
    Genotype { space: space.into(), normal, reduce: Some(reduce) }.validated()
}

fn edges(c: &mut Cursor<'_>) -> Result<Field, Error> {
    c.expect("[")?;
    let mut edges = Vec::new();
    let mut triples = false;
    while !c.accept("]") {
        let at = c.offset();
        let (edge, triple) = edge(c, edges.len() / 2 + 2)?;
        edge.check(TWO_INPUTS)
            .map_err(|problem| error_at(c.text(), at, &format!("a valid edge ({problem})")))?;
        triples |= triple;
        edges.push(edge);
        if !c.accept(",") {
            c.expect("]")?;
            break;
        }
    }
    Ok(Field::Edges { edges, triples })
}

fn edge(c: &mut Cursor<'_>, implied: usize) -> Result<(Edge, bool), Error> {
    c.expect("(")?;
    let quote = if c.accept("'") { "'" } else { "\"" };
    if quote == "\"" {
        c.expect("\"")?;
    }
    let op = c.take("an operation", |c| c.is_alphanumeric() || c == '_')?.to_string();
    c.expect(quote)?;
    c.expect(",")?;
    let first = c.number()?;
    let second = if c.accept(",") { Some(c.number()?) } else { None };
    c.expect(")")?;
    let (node, from) = second.map_or((implied, first), |from| (first, from));
    Ok((Edge { node, from, op }, second.is_some()))
}

/// `range(2, 6)`, `[2, 3]` or `(2, 3)`.
fn concat(c: &mut Cursor<'_>) -> Result<Vec<usize>, Error> {
    if c.accept("range") {
        c.expect("(")?;
        let start = c.number()?;
        c.expect(",")?;
        let at = c.offset();
        let end = c.number()?;
        c.expect(")")?;
        // A cell has a handful of nodes; a huge range would only fill memory.
        let sane = end > start && end < 1000;
        return if sane { Ok((start..end).collect()) } else { Err(error_at(c.text(), at, "a range of nodes")) };
    }
    let close = if c.accept("(") { ")" } else { "]" };
    if close == "]" {
        c.expect("[")?;
    }
    let mut nodes = Vec::new();
    while !c.accept(close) {
        nodes.push(c.number()?);
        if !c.accept(",") {
            c.expect(close)?;
            break;
        }
    }
    Ok(nodes)
}

pub(super) fn write(genotype: &Genotype, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let pairs = genotype.space == TWO_INPUTS;
    f.write_str("Genotype(")?;
    for (at, (name, cell)) in genotype.cells().enumerate() {
        let edge = |edge: &Edge| {
            let node = if pairs { String::new() } else { format!("{}, ", edge.node) };
            format!("('{}', {node}{})", edge.op, edge.from)
        };
        let edges: Vec<String> = cell.edges.iter().map(edge).collect();
        let comma = if at == 0 { ", " } else { "" };
        write!(f, "{name}=[{}], {name}_concat={:?}{comma}", edges.join(", "), cell.concat)?;
    }
    f.write_str(")")
}
