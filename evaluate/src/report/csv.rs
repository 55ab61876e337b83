//! Comma-separated values as in RFC 4180: a head, records of equal length, lines ended by CR LF.

use std::io;

use super::table::{Cell, Table};

/// Head of the column that tells several tables apart.
const TABLE: &str = "table";

/// One set of records. Several tables become one: a first column holds their titles, every column that any of them has follows.
///
/// Marks become the notes that they stand for; other notes are for people and are left out.
pub(super) fn render(tables: &[Table]) -> io::Result<String> {
    let several = tables.len() > 1;
    let heads = union(tables);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(several.then_some(TABLE).into_iter().chain(heads.iter().copied()))?;
    for table in tables {
        let title = several.then(|| table.title.clone().unwrap_or_default());
        for row in &table.rows {
            let cells = heads.iter().map(|head| cell(table, row, head));
            writer.write_record(title.iter().cloned().chain(cells))?;
        }
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every head, in the order of first use.
fn union(tables: &[Table]) -> Vec<&str> {
    let mut heads: Vec<&str> = Vec::new();
    for head in tables.iter().flat_map(|table| &table.heads) {
        if !heads.contains(&head.as_str()) {
            heads.push(head);
        }
    }
    heads
}

/// The cell below a head, empty where this table has no such column.
fn cell(table: &Table, row: &[Cell], head: &str) -> String {
    let column = table.heads.iter().position(|known| known == head);
    match column.and_then(|column| row.get(column)) {
        None => String::new(),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Count(number)) => number.to_string(),
        Some(Cell::Times(factor, number)) => factor.saturating_mul(*number).to_string(),
        Some(Cell::Spread(mean, std)) => format!("{mean}±{std}"),
        Some(Cell::Marks(marks)) => {
            marks.iter().map(|mark| table.meaning(mark).unwrap_or(mark)).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_quoted_and_digits_stay_together() {
        let mut table = Table::new(&["model", "MACs", "notes"]);
        table.row(&["a, \"b\"".into(), Cell::Count(12_345), Cell::Marks(vec!["1".into()])]);
        table.marked_note("1", "with commas, too");
        let expected = "model,MACs,notes\r\n\"a, \"\"b\"\"\",12345,\"with commas, too\"\r\n";
        assert_eq!(render(&[table]).unwrap(), expected);
    }

    #[test]
    fn several_tables_become_one() {
        let mut first = Table::new(&["model", "MACs"]).titled("left");
        first.row(&["a".into(), Cell::Count(1)]);
        let mut second = Table::new(&["model", "params"]).titled("right");
        second.row(&["b".into(), Cell::Spread(2, 1)]);
        let expected = "table,model,MACs,params\r\nleft,a,1,\r\nright,b,,2±1\r\n";
        assert_eq!(render(&[first, second]).unwrap(), expected);
    }
}
