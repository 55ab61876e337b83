//! Tables as data, from which every format is made.

use std::fmt;

use super::text::count;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// As it is to be read.
    Text(String),
    /// A number of things: digits for programs, digits in groups for people.
    Count(u64),
    /// A factor and a number of things: their product for programs.
    Times(u64, u64),
    /// Mean and standard deviation of several numbers of things.
    Spread(u64, u64),
    /// Marks of the notes that are about this row.
    Marks(Vec<String>),
}

/// Side of its column that a cell stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// What is to be said about a table, or about the rows that carry its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(super) mark: Option<String>,
    pub(super) text: String,
}

/// Columns with heads, rows of cells, a title above and notes below.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(super) title: Option<String>,
    pub(super) heads: Vec<String>,
    /// Whether heads are shown where the format can do without.
    pub(super) has_shown_heads: bool,
    pub(super) aligns: Vec<Align>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) notes: Vec<Note>,
}

impl Table {
    /// A table with these column heads: the first column to the left, the others to the right.
    pub(crate) fn new(heads: &[impl ToString]) -> Self {
        let aligns = (0..heads.len()).map(|column| if column == 0 { Align::Left } else { Align::Right });
        Self {
            title: None,
            heads: heads.iter().map(ToString::to_string).collect(),
            has_shown_heads: true,
            aligns: aligns.collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A table of names and what they are.
    pub(crate) fn pairs() -> Self {
        Self { has_shown_heads: false, ..Self::new(&["name", "value"]).left(&[1]) }
    }

    /// With these columns to the left as well.
    pub(crate) fn left(mut self, columns: &[usize]) -> Self {
        for &column in columns {
            self.aligns[column] = Align::Left;
        }
        self
    }

    /// With a title.
    pub(crate) fn titled(self, title: &str) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[impl Into<Cell> + Clone]) {
        self.rows.push(cells.iter().cloned().map(Into::into).collect());
    }

    /// Adds a row of a name and what it is.
    pub(crate) fn pair(&mut self, name: &str, value: impl Into<Cell>) {
        self.rows.push(vec![name.into(), value.into()]);
    }

    /// Adds a note about the whole table.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(Note { mark: None, text: text.into() });
    }

    /// Adds a note about the rows that carry this mark.
    pub(crate) fn marked_note(&mut self, mark: &str, text: &str) {
        self.notes.push(Note { mark: Some(mark.into()), text: text.into() });
    }

    /// What a mark stands for.
    pub(super) fn meaning(&self, mark: &str) -> Option<&str> {
        let note = self.notes.iter().find(|note| note.mark.as_deref() == Some(mark));
        note.map(|note| note.text.as_str())
    }
}

impl fmt::Display for Cell {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(number) => f.write_str(&count(*number)),
            Self::Times(factor, number) => write!(f, "{factor} x = {}", count(factor.saturating_mul(*number))),
            Self::Spread(mean, std) => write!(f, "{} ± {}", count(*mean), count(*std)),
            Self::Marks(marks) => f.write_str(&marks.join(", ")),
        }
    }
}

impl fmt::Display for Note {
    /// For people: the mark, where there is one, and the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mark {
            Some(mark) => write!(f, "{mark}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
