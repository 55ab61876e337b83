//! A contact sheet: small pictures in rows, each with lines below it, as SVG.

use std::fmt::Write as _;

use models::draw::escape;

/// One picture of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tile {
    /// Address of the picture, with all its data.
    pub(crate) image: String,
    /// What stands below it.
    pub(crate) lines: Vec<String>,
    /// What is shown where the pointer rests.
    pub(crate) hint: String,
}

const COLUMNS: usize = 8;
const SIDE: usize = 112;
const GAP: usize = 16;
const LINE: usize = 14;
/// Characters that fit below a picture.
const FIT: usize = 18;

/// The sheet.
pub(crate) fn svg(title: &str, tiles: &[Tile]) -> String {
    let lines = tiles.iter().map(|tile| tile.lines.len()).max().unwrap_or(0);
    let (across, down) = (SIDE + GAP, SIDE + GAP + lines * LINE);
    let width = GAP + COLUMNS.min(tiles.len().max(4)) * across;
    let height = 44 + tiles.len().div_ceil(COLUMNS) * down;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{GAP}\" y=\"26\" font-size=\"14\">{}</text>\n",
        escape(title)
    );
    for (at, tile) in tiles.iter().enumerate() {
        let (x, y) = (GAP + at % COLUMNS * across, 44 + at / COLUMNS * down);
        let _ = writeln!(
            svg,
            "<g><title>{}</title><image x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\" \
             style=\"image-rendering:pixelated\" href=\"{}\"/>",
            escape(&tile.hint),
            tile.image
        );
        for (line, text) in tile.lines.iter().enumerate() {
            let baseline = y + SIDE + (line + 1) * LINE;
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{baseline}\">{}</text>", escape(&shortened(text)));
        }
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= FIT {
        return text.into();
    }
    text.chars().take(FIT - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_its_place_and_long_lines_are_cut() {
        let tile = |name: &str| Tile {
            image: "data:image/png;base64,AAAA".into(),
            lines: vec![name.into(), "<b>".into()],
            hint: "a & b".into(),
        };
        let sheet = svg("worst", &vec![tile("an uncommonly long class"); 9]);
        assert_eq!(sheet.matches("<image").count(), 9);
        assert!(sheet.contains(">an uncommonly lon…</text>") && sheet.contains("&lt;b&gt;"), "{sheet}");
        assert!(sheet.contains("x=\"16\" y=\"44\"") && sheet.contains("x=\"16\" y=\"200\""), "{sheet}");
        assert!(svg("none", &[]).ends_with("</svg>\n"));
    }
}
