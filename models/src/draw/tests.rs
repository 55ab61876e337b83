use std::sync::LazyLock;

use super::*;
use crate::genotype::Edge;
use crate::zoo;

/// Every cell of the zoo: the name of its genotype, the cell, its picture.
static DRAWN: LazyLock<Vec<(&str, CellGenotype, String)>> = LazyLock::new(|| {
    let genotypes = zoo::ENTRIES.iter().filter_map(|entry| Some((entry.name, entry.genotype().ok()?)));
    let cells =
        genotypes.flat_map(|(name, genotype)| [(name, genotype.normal), (name, genotype.reduce.unwrap())]);
    cells.map(|(name, genotype)| (name, genotype.clone(), cell(name, &genotype))).collect()
});

fn zoo_cell(name: &str) -> CellGenotype {
    zoo::by_name(name).unwrap().genotype().unwrap().normal
}

/// The numbers of the attribute's value in each element of this kind: `x` of `<rect`.
fn attribute(svg: &str, element: &str, name: &str) -> Vec<Vec<f64>> {
    let value =
        |line: &str| line.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap().to_string();
    let numbers = |value: String| {
        value
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .filter_map(|number| number.parse().ok())
            .collect()
    };
    svg.lines().filter(|line| line.starts_with(element)).map(value).map(numbers).collect()
}

/// Left, top, right and bottom of every box: inputs, pills, nodes, concatenation, output.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let [x, y, width, height] =
        ["x", "y", "width", "height"].map(|name| attribute(svg, "<rect", name).concat());
    (0..x.len()).map(|at| [x[at], y[at], x[at] + width[at], y[at] + height[at]]).collect()
}

#[test]
fn no_label_lies_on_another_or_outside() {
    for (name, _, svg) in &*DRAWN {
        let size = &attribute(svg, "<svg", "viewBox")[0];
        let boxes = boxes(svg);
        for (at, a) in boxes.iter().enumerate() {
            assert!(a[0] >= 0.0 && a[1] >= 20.0 && a[2] <= size[2] && a[3] <= size[3], "{name}: {a:?}");
            let over = |b: &&[f64; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
            assert_eq!(boxes[..at].iter().find(over), None, "{name}: {a:?}");
        }
    }
}

#[test]
fn no_line_runs_through_a_label() {
    for (name, genotype, svg) in &*DRAWN {
        let boxes = boxes(svg);
        let curves =
            svg.lines().filter(|line| line.starts_with("<path") && line.contains("fill=\"none\"")).count();
        assert!(curves > genotype.edges.len());
        for path in attribute(svg, "<path", "d").into_iter().filter(|path| path.len() == 9) {
            // Curves stay in the gaps between the columns; only the horizontal run at their end passes one.
            let [left, y, right] = [path[6], path[7], path[8]];
            let through = |b: &&[f64; 4]| left < b[0] && b[2] < right && b[1] < y && y < b[3];
            assert_eq!(boxes.iter().find(through), None, "{name}: {path:?}");
        }
    }
}

#[test]
fn every_edge_is_drawn() {
    let tip = |edge: &Edge| {
        let from = ["c_{k-2}".into(), "c_{k-1}".into()].get(edge.from).cloned();
        let from: String = from.unwrap_or_else(|| format!("node {}", edge.from));
        format!("<title>{from} to node {}: {}</title>", edge.node, edge.op)
    };
    for (name, genotype, svg) in &*DRAWN {
        for edge in &genotype.edges {
            let equal = genotype.edges.iter().filter(|other| *other == edge).count();
            assert_eq!(svg.matches(&tip(edge)).count(), equal, "{name}: {edge:?}");
        }
    }
}

#[test]
fn equal_cells_give_equal_bytes() {
    let genotype = zoo::by_name("noisydarts-a").unwrap().genotype().unwrap();
    assert_eq!(super::genotype(&genotype), super::genotype(&genotype.clone()));
}

/// Walks the tags of a document and checks that they nest.
fn assert_nested(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "{part}");
        let name = tag.split_whitespace().next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn whatever_the_texts_the_document_is_well_formed() {
    let mut genotype = zoo_cell("darts-v2");
    genotype.edges[0].op = "</svg><script>".into();
    let svg = cell("a < b & \"c\" > 'd' \u{1}", &genotype);
    assert_nested(&svg);
    assert!(
        svg.contains(
            "<title>a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39; \u{FFFD}: a cell of 8 edges</title>"
        )
    );
    assert!(!svg.contains("<script"));
    for (_, _, svg) in &*DRAWN {
        assert_nested(svg);
    }
    assert_nested(&super::genotype(&zoo::by_name("nasnet-a").unwrap().genotype().unwrap()));
}

#[test]
fn what_carries_nothing_is_dashed() {
    let dashed =
        |svg: &str| svg.lines().filter(|line| line.starts_with("<rect") && line.contains("dasharray")).count();
    assert_eq!(dashed(&cell("all carry", &zoo_cell("darts-v2"))), 0);
    // Node 3, which has no inputs, and the skip connection from it.
    assert_eq!(dashed(&cell("one does not", &zoo_cell("fairdarts-c"))), 2);
    // Six zero operations and the two nodes that have no others.
    let aggressive = zoo::by_name("snas-aggressive").unwrap().genotype().unwrap().reduce.unwrap();
    assert_eq!(dashed(&cell("most do not", &aggressive)), 8);
}

#[test]
fn cells_that_cannot_be_are_drawn_as_far_as_they_can() {
    let edge = |node, from| Edge { node, from, op: "skip_connect".into() };
    let empty = CellGenotype { edges: vec![], concat: vec![] };
    assert_nested(&cell("empty", &empty));
    let odd =
        CellGenotype { edges: vec![edge(2, 2), edge(1, 0), edge(3, 9), edge(5, 4)], concat: vec![0, 7, 7] };
    let svg = cell("odd", &odd);
    assert_nested(&svg);
    assert_eq!(svg.matches(": skip_connect</title>").count(), 1);
    let long = CellGenotype {
        edges: (2..80).flat_map(|node| [edge(node, node - 1), edge(node, 0)]).collect(),
        concat: vec![79],
    };
    assert_nested(&cell("long", &long));
}
