//! LaTeX: `table` environments with the rules of the package booktabs.

use super::table::{Align, Cell, Table};
use super::text::grouped;

/// Small and narrow, so that many columns fit.
const SMALL: &str = "\\footnotesize\\setlength{\\tabcolsep}{3pt}";

/// The tables, ready for the body of a document that loads booktabs.
pub(super) fn render(tables: &[Table]) -> String {
    let tables = tables.iter().map(table).collect::<Vec<_>>().join("\n");
    format!("% needs \\usepackage{{booktabs}}\n{tables}")
}

fn table(table: &Table) -> String {
    let caption = table.title.iter().map(|title| format!("\\caption{{{}}}\n", escaped(title)));
    let columns = table.aligns.iter().map(|align| match align {
        Align::Left => 'l',
        Align::Right => 'r',
    });
    let head = line(table.heads.iter().map(|head| escaped(head)));
    let rows = table.rows.iter().map(|row| line(row.iter().map(cell)));
    let notes = table.notes.iter().map(|note| match &note.mark {
        Some(mark) => format!("\\par $^{{{}}}$ {}\n", raised(mark), escaped(&note.text)),
        None => format!("\\par {}\n", escaped(&note.text)),
    });
    let below = (!table.notes.is_empty()).then_some("\\par\\raggedright\n");
    [
        format!("\\begin{{table}}\n\\centering\n{}{SMALL}\n", caption.collect::<String>()),
        format!("\\begin{{tabular}}{{{}}}\n\\toprule\n{head}\\midrule\n", columns.collect::<String>()),
        rows.collect(),
        format!("\\bottomrule\n\\end{{tabular}}\n{}", below.unwrap_or_default()),
        notes.collect(),
        "\\end{table}\n".into(),
    ]
    .concat()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("{} \\\\\n", cells.collect::<Vec<_>>().join(" & "))
}

fn cell(cell: &Cell) -> String {
    let thin = |number: u64| grouped(number, "\\,");
    match cell {
        // As mathematics, a hyphen is a minus.
        Cell::Text(text) if text.starts_with(['-', '+']) && text.parse::<f64>().is_ok() => format!("${text}$"),
        Cell::Text(text) => escaped(text),
        Cell::Count(number) => thin(*number),
        Cell::Times(factor, number) => format!("${factor}\\times$ = {}", thin(factor.saturating_mul(*number))),
        Cell::Spread(mean, std) => format!("{} $\\pm$ {}", thin(*mean), thin(*std)),
        Cell::Marks(marks) => marks.iter().map(|mark| escaped(mark)).collect::<Vec<_>>().join(", "),
    }
}

/// A mark in mathematics, to be raised.
fn raised(mark: &str) -> String {
    mark.chars().map(|character| symbol(character).map_or_else(|| character.to_string(), Into::into)).collect()
}

/// What the fonts of plain LaTeX have in mathematics only.
fn symbol(character: char) -> Option<&'static str> {
    Some(match character {
        '±' => "\\pm",
        '×' => "\\times",
        '−' => "-",
        '≥' => "\\geq",
        '≤' => "\\leq",
        '√' => "\\surd",
        'σ' => "\\sigma",
        'μ' => "\\mu",
        '†' => "\\dagger",
        '‡' => "\\ddagger",
        '⋆' => "\\star",
        '◇' => "\\diamond",
        '*' => "\\ast",
        '|' => "\\mid",
        _ => return None,
    })
}

/// Without meaning to LaTeX.
fn escaped(text: &str) -> String {
    text.chars().map(character).collect()
}

fn character(character: char) -> String {
    match character {
        '\\' => "\\textbackslash{}".into(),
        '~' => "\\textasciitilde{}".into(),
        '^' => "\\textasciicircum{}".into(),
        '<' | '>' => format!("${character}$"),
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{character}"),
        '†' | '‡' | '⋆' | '◇' | '*' => format!("$^{{{}}}$", raised(&character.to_string())),
        '\n' => " ".into(),
        _ => symbol(character).map_or_else(|| character.to_string(), |name| format!("${name}$")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_booktabs() {
        let mut table = Table::new(&["model", "MACs (%)", "notes"]).titled("A & B").left(&[2]);
        table.row(&["a_1†".into(), Cell::Count(1_234_567), Cell::Marks(vec!["1".into()])]);
        table.row(&["b".into(), Cell::Spread(12_345, 67), "-1.5".into()]);
        table.marked_note("1", "50 % more");
        let expected = "% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n\\caption{A \\& B}\n\\footnotesize\\setlength{\\tabcolsep}{3pt}\n\\begin{tabular}{lrl}\n\\toprule\nmodel & MACs (\\%) & notes \\\\\n\\midrule\na\\_1$^{\\dagger}$ & 1\\,234\\,567 & 1 \\\\\nb & 12\\,345 $\\pm$ 67 & $-1.5$ \\\\\n\\bottomrule\n\\end{tabular}\n\\par\\raggedright\n\\par $^{1}$ 50 \\% more\n\\end{table}\n";
        assert_eq!(render(&[table]), expected);
    }

    #[test]
    fn every_special_character_is_escaped() {
        let expected =
            "\\textbackslash{}\\{\\}\\#\\$\\%\\&\\_\\textasciitilde{}\\textasciicircum{}$<$$\\mid$$^{\\ast}$";
        assert_eq!(escaped("\\{}#$%&_~^<|*"), expected);
    }
}
