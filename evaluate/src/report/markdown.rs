//! Markdown with the tables of GitHub.

use super::table::{Align, Cell, Note, Table};

/// The tables, each below its title and above its notes.
pub(super) fn render(tables: &[Table]) -> String {
    tables.iter().map(table).collect::<Vec<_>>().join("\n")
}

fn table(table: &Table) -> String {
    let title = table.title.iter().map(|title| format!("**{}**\n\n", escaped(title)));
    let rule = table.aligns.iter().map(|align| match align {
        Align::Left => ":--".to_string(),
        Align::Right => "--:".to_string(),
    });
    let head = [line(table.heads.iter().map(|head| escaped(head))), line(rule)];
    let rows = table.rows.iter().map(|row| line(row.iter().map(|cell: &Cell| escaped(&cell.to_string()))));
    title.chain(head).chain(rows).chain(notes(&table.notes)).collect()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A list, set off by an empty line.
fn notes(notes: &[Note]) -> impl Iterator<Item = String> {
    let gap = (!notes.is_empty()).then(|| "\n".to_string());
    gap.into_iter().chain(notes.iter().map(|note| format!("- {}\n", escaped(&note.to_string()))))
}

/// Without meaning to Markdown, in one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '<' | '|' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(if character == '\n' { ' ' } else { character });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_are_escaped_and_columns_aligned() {
        let mut table = Table::new(&["a|b", "MACs", "notes"]).titled("A *title*").left(&[2]);
        table.row(&["x_1*".into(), Cell::Count(1_234), Cell::Marks(vec!["1".into(), "†".into()])]);
        table.marked_note("1", "first");
        table.note("last");
        let expected = "**A \\*title\\***\n\n| a\\|b | MACs | notes |\n| :-- | --: | :-- |\n| x\\_1\\* | 1 234 | 1, † |\n\n- 1: first\n- last\n";
        assert_eq!(render(&[table]), expected);
    }
}
