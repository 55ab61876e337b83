//! Published tables with their counts, as a report.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::bound;
use super::computed::{Compared, Computed, in_words};
use super::data::{self, About, Data, Row, TABLES};
use crate::error::Result;
use crate::report::{Cell, Report, Table};

/// A table of the paper.
#[derive(Debug, Serialize)]
pub(super) struct PaperTable {
    name: String,
    title: String,
    source: String,
    #[serde(skip)]
    heads: Vec<String>,
    #[serde(skip)]
    words: usize,
    rows: Vec<PaperRow>,
    notes: Vec<PaperNote>,
}

#[derive(Debug, Serialize)]
struct PaperRow {
    published: Published,
    /// Counts of the row's networks, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    computed: Option<Computed>,
    /// Figures that differ by more than their rounding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differing: Vec<About>,
    /// Marks of our notes.
    notes: Vec<String>,
}

/// Cells by head.
#[derive(Debug)]
struct Published(Vec<(String, String)>);

#[derive(Debug, Serialize)]
struct PaperNote {
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    about: Vec<About>,
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct PaperTables(pub(super) Vec<PaperTable>);

impl Serialize for Published {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (head, cell) in &self.0 {
            map.serialize_entry(head, cell)?;
        }
        map.end()
    }
}

impl PaperTable {
    /// Counts the networks of a table.
    pub(super) fn new(name: &str, data: &Data) -> Result<Self> {
        let mut table = Self {
            name: name.into(),
            title: data.title.clone(),
            source: data.source.clone(),
            heads: data.heads.clone(),
            words: data.words,
            rows: data.rows.iter().map(|row| PaperRow::new(data, row)).collect::<Result<_>>()?,
            notes: data.notes.iter().map(PaperNote::new).collect::<Result<_>>()?,
        };
        for (row, finding) in bound::findings(data).into_iter().enumerate() {
            if let Some(text) = finding {
                table.add_finding(row, text);
            }
        }
        Ok(table)
    }

    /// Adds a note that follows from the data, with the next number as its mark.
    fn add_finding(&mut self, row: usize, text: String) {
        let marks = self.notes.iter().filter_map(|note| note.mark.as_ref()?.parse::<u32>().ok());
        let mark = (marks.count() + 1).to_string();
        self.rows[row].notes.push(mark.clone());
        self.notes.push(PaperNote { mark: Some(mark), text, about: vec![About::Accuracy] });
    }

    fn is_counted(&self) -> bool {
        self.rows.iter().any(|row| row.computed.is_some())
    }

    fn has_notes(&self) -> bool {
        self.rows.iter().any(|row| !row.notes.is_empty())
    }

    fn table(&self) -> Table {
        let counted: &[&str] = if self.is_counted() { &COUNTED } else { &[] };
        let notes = self.has_notes().then_some("notes");
        let heads = self.heads.iter().map(String::as_str).chain(counted.iter().copied()).chain(notes);
        let heads: Vec<&str> = heads.collect();
        let words = 0..self.words;
        let left =
            words.chain((0..heads.len()).filter(|&column| ["convention", "notes"].contains(&heads[column])));
        let mut table = Table::new(&heads).titled(&self.title).left(&left.collect::<Vec<_>>());
        for row in &self.rows {
            let marks = notes.map(|_| Cell::Marks(row.notes.clone()));
            let counts = if counted.is_empty() { Vec::new() } else { row.counts() };
            table.row(&row.published.cells().chain(counts).chain(marks).collect::<Vec<_>>());
        }
        for note in &self.notes {
            match &note.mark {
                Some(mark) => table.marked_note(mark, &note.text),
                None => table.note(&note.text),
            }
        }
        table.note(format!("Published: {}.", self.source));
        table
    }
}

/// Heads of what is counted here: a count, and how far it is off the published figure.
const COUNTED: [&str; 7] = [
    "params counted",
    "params off (M)",
    "MACs, conv + linear",
    "MACs off (M)",
    "convention",
    "MACs in it",
    "off in it (M)",
];

impl PaperRow {
    fn new(data: &Data, row: &Row) -> Result<Self> {
        let computed = Computed::of(data, row)?;
        Ok(Self {
            published: Published(data.heads.iter().cloned().zip(row.published.iter().cloned()).collect()),
            differing: computed.as_ref().map(Computed::differing).unwrap_or_default(),
            computed,
            notes: row.notes.clone(),
        })
    }

    /// Cells below [`COUNTED`].
    fn counts(&self) -> Vec<Cell> {
        let Some(computed) = &self.computed else { return vec!["-".into(); COUNTED.len()] };
        let [params, params_less] = computed.params.cells();
        let [macs, macs_less] = computed.conv_linear.cells();
        let published = computed.as_published.as_ref();
        let [so, so_less] = published.map_or(["-".into(), "-".into()], |published| published.macs.cells());
        let title = published.map_or("-", |published| published.title);
        vec![params, params_less, macs, macs_less, title.into(), so, so_less]
    }
}

impl Compared {
    /// The count and its difference.
    fn cells(&self) -> [Cell; 2] {
        [self.counted.cell(), self.difference.map_or_else(|| "-".into(), |difference| difference.cell())]
    }
}

impl Published {
    fn cells(&self) -> impl Iterator<Item = Cell> {
        self.0.iter().map(|(_, cell)| cell.into())
    }
}

impl PaperNote {
    fn new(note: &data::Note) -> Result<Self> {
        let counts = note.network.as_ref().map(in_words).transpose()?;
        let text = counts.map_or_else(|| note.text.clone(), |counts| format!("{} {counts}.", note.text));
        Ok(Self { mark: note.mark.clone(), text, about: note.about.clone() })
    }
}

impl Report for PaperTables {
    fn tables(&self) -> Vec<Table> {
        self.0.iter().map(PaperTable::table).collect()
    }
}

/// Which tables there are.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct List(Vec<Listed>);

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    title: String,
}

impl List {
    /// Every table, by its title.
    pub(super) fn new() -> Result<Self> {
        let listed =
            TABLES.iter().map(|&(name, text)| Ok(Listed { name, title: data::parse(name, text)?.title }));
        Ok(Self(listed.collect::<Result<_>>()?))
    }
}

impl Report for List {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["name", "title"]).left(&[1]);
        for Listed { name, title } in &self.0 {
            table.row(&[*name, title.as_str()]);
        }
        vec![table]
    }
}
