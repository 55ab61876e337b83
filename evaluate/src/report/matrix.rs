//! A confusion matrix as SVG: a row per class, a column per class that its pictures were taken for.

use std::fmt::Write as _;

use models::draw::escape;

use crate::measure::confusion::Confusion;

/// Side of the plane, in pixels.
const PLANE: f64 = 640.0;
/// Most classes whose names are shown.
const NAMED: usize = 100;
/// Most classes whose numbers stand in the cells.
const NUMBERED: usize = 20;

/// The picture. Cells are shaded by their share of the row's pictures: blue on the diagonal, red beside it.
pub(crate) fn svg(confusion: &Confusion, names: &[String]) -> String {
    let classes = names.len();
    let cell = PLANE / classes.max(1) as f64;
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let font = (cell * 0.7).clamp(4.0, 12.0);
    let margin = if classes <= NAMED { 36.0 + longest as f64 * font * 0.6 } else { 36.0 };
    let side = margin + PLANE + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side:.0} {side:.0}\" width=\"{side:.0}\" height=\"{side:.0}\" \
         font-family=\"sans-serif\" font-size=\"{font:.1}\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{0:.0}\" y=\"14\" font-size=\"12\" text-anchor=\"middle\">taken for</text>\n\
         <text transform=\"translate(14 {0:.0}) rotate(-90)\" font-size=\"12\" text-anchor=\"middle\">class</text>\n",
        margin + PLANE / 2.0
    );
    if classes <= NAMED {
        heads(&mut svg, names, margin, cell, font);
    }
    for (row, total) in confusion.totals.iter().enumerate() {
        for column in 0..classes {
            let count = confusion.count(row, column);
            if count > 0 {
                let place = [margin + column as f64 * cell, margin + row as f64 * cell];
                let title = format!("{} taken for {}: {count} of {total}", names[row], names[column]);
                let share = count as f64 / *total as f64;
                square(&mut svg, place, cell, Shade { share, right: row == column }, &title);
                if classes <= NUMBERED {
                    number(&mut svg, place, cell, count, share);
                }
            }
        }
    }
    let _ = writeln!(
        svg,
        "<rect x=\"{margin:.1}\" y=\"{margin:.1}\" width=\"{PLANE}\" height=\"{PLANE}\" fill=\"none\" stroke=\"#333\"/>"
    );
    svg + "</svg>\n"
}

fn heads(svg: &mut String, names: &[String], margin: f64, cell: f64, font: f64) {
    for (at, name) in names.iter().enumerate() {
        let middle = margin + (at as f64 + 0.5) * cell;
        let (base, name) = (middle + font * 0.35, escape(name));
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{base:.1}\" text-anchor=\"end\">{name}</text>\
             <text transform=\"translate({base:.1} {:.1}) rotate(-90)\">{name}</text>",
            margin - 6.0,
            margin - 6.0
        );
    }
}

/// What a cell's colour says.
#[derive(Clone, Copy)]
struct Shade {
    share: f64,
    right: bool,
}

fn square(svg: &mut String, [x, y]: [f64; 2], cell: f64, shade: Shade, title: &str) {
    let colour = if shade.right { "#1b5e9c" } else { "#c0392b" };
    // By the root, so that a single mistake among hundreds can still be seen.
    let opacity = shade.share.sqrt().max(0.06);
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{cell:.2}\" height=\"{cell:.2}\" fill=\"{colour}\" \
         fill-opacity=\"{opacity:.2}\"><title>{}</title></rect>",
        escape(title)
    );
}

fn number(svg: &mut String, [x, y]: [f64; 2], cell: f64, count: usize, share: f64) {
    let fill = if share > 0.3 { "white" } else { "black" };
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{:.1}\" text-anchor=\"middle\" fill=\"{fill}\">{count}</text>",
        x + cell / 2.0,
        y + cell / 2.0 + 4.0,
        (cell * 0.35).min(12.0)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_not_empty_are_drawn_with_their_numbers() {
        let names = ["cat & co", "dog"].map(String::from);
        let picture = svg(&Confusion::new([[0, 0], [0, 1], [0, 0], [1, 1]], 2), &names);
        assert!(picture.contains("cat &amp; co taken for dog: 1 of 3"), "{picture}");
        assert_eq!(picture.matches("<title>").count(), 3);
        assert_eq!(picture.matches(">2</text>").count(), 1);
    }

    #[test]
    fn many_classes_have_neither_names_nor_numbers() {
        let names: Vec<String> = (0..1000).map(|class| format!("class {class}")).collect();
        let picture = svg(&Confusion::new([[7, 7], [7, 9]], 1000), &names);
        assert_eq!(picture.matches("<text").count(), 2);
        assert!(picture.contains("class 7 taken for class 9: 1 of 2"), "{picture}");
    }
}
