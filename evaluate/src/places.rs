//! Where in a network a node is, by its name.
//!
//! Our own names say where a node belongs: `cells.3.edges.2_0.sep_conv_3x3.dw1`, `layers.4.depthwise.conv`. Names of other
//! exporters are scopes (`/blocks/blocks.1/conv_pw/Conv`): an edge is what surrounds a node there, a cell what surrounds that.

/// Parts of our own names that hold several others.
pub(crate) const ROWS: [&str; 2] = ["cells", "layers"];
/// Our own names for what is before and behind these.
const ENDS: [&str; 6] = ["input", "stem", "stem0", "stem1", "head", "logits"];

/// The first so many parts of one of our names; none for names of other exporters.
pub(crate) fn own(name: &str, depth: usize) -> Option<&str> {
    let first = name.split('.').next()?;
    if ENDS.contains(&first) {
        return Some(if first == "logits" { "head" } else { first });
    }
    let end = name.match_indices('.').nth(depth - 1).map_or(name.len(), |(at, _)| at);
    ROWS.contains(&first).then_some(&name[..end])
}

/// The edge of a cell, or the block, or what else surrounds a node.
pub(crate) fn edge(name: &str) -> &str {
    let depth = match name.split('.').nth(2) {
        Some("edges") => 4,
        _ if name.starts_with("cells.") => 3,
        _ => 2,
    };
    own(name, depth).unwrap_or_else(|| scope(name, 1))
}

/// What a genotype chooses an operation for: an edge of a cell, or a block in a chain of them; none outside these.
pub(crate) fn chosen(name: &str) -> Option<&str> {
    let mut steps = name.split('.');
    let [row, index, third] = [steps.next()?, steps.next()?, steps.next()?];
    let is_edge = row == "layers" || (row == "cells" && third == "edges" && steps.next().is_some());
    (is_edge && index.parse::<u16>().is_ok()).then(|| edge(name))
}

/// The cell, or the block, or what surrounds an edge.
pub(crate) fn cell(name: &str) -> &str {
    own(name, 2).unwrap_or_else(|| scope(name, 2))
}

/// A name without its last parts, of which at least one stays.
fn scope(name: &str, depth: usize) -> &str {
    let separator = if name.contains('/') { '/' } else { '.' };
    let ends = name.rmatch_indices(separator).map(|(at, _)| at).filter(|&at| at > 0);
    ends.take(depth).last().map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_say_where_a_node_belongs() {
        let name = "cells.3.edges.2_0.sep_conv_3x3.dw1";
        assert_eq!([edge(name), cell(name)], ["cells.3.edges.2_0", "cells.3"]);
        assert_eq!(edge("cells.3.pre0.conv"), "cells.3.pre0");
        let name = "layers.4.se.reduce";
        assert_eq!([edge(name), cell(name)], ["layers.4", "layers.4"]);
        assert_eq!([edge("stem.conv"), cell("logits")], ["stem", "head"]);
    }

    #[test]
    fn genotypes_choose_edges_and_blocks() {
        assert_eq!(chosen("cells.3.edges.2_0.sep_conv_3x3.dw1"), Some("cells.3.edges.2_0"));
        assert_eq!(chosen("layers.7.depthwise.conv"), Some("layers.7"));
        let others =
            ["cells.12.nodes.4", "cells.3.edges", "stem.conv", "/layer1/layer1.0/Add", "layers.x.conv"];
        assert_eq!(others.map(chosen), [None; 5]);
    }

    #[test]
    fn names_of_others_are_scopes() {
        let name = "/blocks/blocks.1/blocks.1.0/conv_pw/Conv";
        assert_eq!(edge(name), "/blocks/blocks.1/blocks.1.0/conv_pw");
        assert_eq!(cell(name), "/blocks/blocks.1/blocks.1.0");
        assert_eq!([edge("Conv_12"), edge("/Conv"), cell("a.b")], ["Conv_12", "/Conv", "a"]);
    }
}
