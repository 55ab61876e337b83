//! Text for terminals: aligned columns.

use super::table::{Align, Cell, Table};

/// The tables in lines, an empty one between two of them.
pub(super) fn render(tables: &[Table]) -> String {
    tables.iter().map(Table::lines).collect::<Vec<_>>().join("\n")
}

impl Table {
    /// The table in lines, columns two spaces apart, its title above and its notes below.
    pub(crate) fn lines(&self) -> String {
        let heads = self.heads.iter().filter(|_| self.has_shown_heads).cloned();
        let heads: Vec<String> = heads.collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::to_string).collect());
        let rows: Vec<Vec<String>> = std::iter::once(heads).filter(|row| !row.is_empty()).chain(rows).collect();
        let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..self.heads.len()).map(|i| width(i).unwrap_or(0)).collect();
        let title = self.title.iter().map(|title| format!("{title}\n"));
        let notes = self.notes.iter().map(|note| format!("{note}\n"));
        title.chain(rows.iter().map(|row| line(row, &widths, &self.aligns))).chain(notes).collect()
    }
}

fn line(row: &[String], widths: &[usize], aligns: &[Align]) -> String {
    let cells = row.iter().zip(widths).zip(aligns).map(|((cell, &width), align)| match align {
        Align::Left => format!("{cell:<width$}"),
        Align::Right => format!("{cell:>width$}"),
    });
    let line = cells.collect::<Vec<_>>().join("  ");
    format!("{}\n", line.trim_end())
}

/// A count in groups of three digits: `513 871 488`.
pub(crate) fn count(number: u64) -> String {
    grouped(number, " ")
}

/// A count in groups of three digits with this between them.
pub(super) fn grouped(number: u64, separator: &str) -> String {
    let digits = number.to_string();
    let (head, rest) = digits.split_at(digits.len() % 3);
    let groups = rest.as_bytes().chunks(3).map(String::from_utf8_lossy);
    let groups = std::iter::once(head.into()).chain(groups).filter(|group| !group.is_empty());
    groups.collect::<Vec<_>>().join(separator)
}

/// A time in milliseconds, or that there were too few runs.
pub(crate) fn milliseconds(time: Option<f64>) -> String {
    time.map_or_else(|| "n/a".into(), |ms| format!("{ms:.3}"))
}

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{share:.2} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_groups() {
        assert_eq!([0, 12, 123, 1234, 513_871_488].map(count), ["0", "12", "123", "1 234", "513 871 488"]);
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(&["model", "MACs", "params"]);
        table.row(&["a.onnx".into(), Cell::Count(12_345), "7".into()]);
        assert_eq!(table.lines(), "model     MACs  params\na.onnx  12 345       7\n");
    }

    #[test]
    fn pairs_have_no_heads_and_notes_follow() {
        let mut table = Table::pairs().titled("a file");
        table.pair("size", "7 bytes");
        table.note("read twice");
        assert_eq!(table.lines(), "a file\nsize  7 bytes\nread twice\n");
    }
}
