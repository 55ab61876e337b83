//! Text for terminals.

/// Rows of cells, printed in aligned columns: the first one to the left, numbers to the right.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table that begins with these column heads.
    pub(crate) fn new(heads: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(heads);
        table
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[impl ToString]) {
        self.rows.push(cells.iter().map(ToString::to_string).collect());
    }

    /// Adds a row of a name and what it is.
    pub(crate) fn pair(&mut self, name: &str, value: impl ToString) {
        self.rows.push(vec![name.into(), value.to_string()]);
    }

    /// The table in lines, columns two spaces apart.
    pub(crate) fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, i: usize| row.get(i).map_or(0, |cell| cell.chars().count());
        let widths: Vec<usize> =
            (0..columns).map(|i| self.rows.iter().map(|row| cell(row, i)).max().unwrap_or(0)).collect();
        self.rows.iter().map(|row| line(row, &widths)).collect()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate().map(|(i, (cell, &width))| {
        if i == 0 || row.len() == 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    let line = cells.collect::<Vec<_>>().join("  ");
    format!("{}\n", line.trim_end())
}

/// A count in groups of three digits: `513 871 488`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let groups = digits.as_bytes()[head..].chunks(3).map(String::from_utf8_lossy);
    let parts: Vec<String> =
        std::iter::once(digits[..head].to_string()).chain(groups.map(Into::into)).collect();
    parts.join(" ").trim_start().to_string()
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
        table.row(&["a.onnx", "12 345", "7"]);
        assert_eq!(table.lines(), "model     MACs  params\na.onnx  12 345       7\n");
    }
}
