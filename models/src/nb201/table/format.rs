//! The table's bytes.
//!
//! ```text
//! "ND-NB201"  version u32  bytes of the file u64
//! per column: length of its name u8, name, decimals u8, bits u8, kind u8, then
//!     kind 0: least value u32, which the rows' numbers are added to
//!     kind 1: a dictionary of 2^bits values u32, which the rows' numbers are places in
//! 15,625 rows by rank of the architecture: a number per column without gaps, each row filled up to whole bytes
//! SHA-256 of all of the above
//! ```
//! Integers are little-endian; numbers begin at the lowest bit of a byte. Values are whole multiples of the column's last
//! decimal. Which kind of column is shorter is found out when the table is written.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::bits::{self, SPAN, width_of};
use super::column::Column;
use super::error::OpenProblem;
use crate::nb201::COUNT;

/// The format that is written and read.
pub(super) const VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"ND-NB201";
const CHECKSUM: usize = 32;
/// Bytes before the columns.
const START: usize = 20;

/// The values of one architecture, each in units of its column's last decimal.
pub(super) type Values = [u32; Column::COUNT];

/// Where everything lies.
#[derive(Debug)]
pub(super) struct Layout {
    columns: Vec<Packed>,
    rows_at: usize,
    row_bits: usize,
}

/// How one column is written.
#[derive(Debug)]
struct Packed {
    /// First bit within a row.
    at: usize,
    width: u32,
    coding: Coding,
}

#[derive(Debug)]
enum Coding {
    /// The number and this least value are the value.
    From(u32),
    /// The number is a place here. There are as many places as numbers, so none leads outside.
    Among(Vec<u32>),
}

/// The file with these rows, in the order of rank.
pub(super) fn encode(rows: &[Values]) -> Vec<u8> {
    let mut layout = Layout { columns: vec![], rows_at: 0, row_bits: 0 };
    for column in Column::all() {
        let values: Vec<u32> = rows.iter().map(|row| row[column.place()]).collect();
        layout.push(Packed::of(&values));
    }
    let mut bytes = [MAGIC, &VERSION.to_le_bytes()[..], &[0; 8]].concat();
    for (column, packed) in Column::all().zip(&layout.columns) {
        packed.write(column, &mut bytes);
    }
    layout.rows_at = bytes.len();
    let end = layout.end(rows.len());
    bytes.resize(end + SPAN, 0);
    for (rank, row) in rows.iter().enumerate() {
        for (packed, &value) in layout.columns.iter().zip(row) {
            bits::write(&mut bytes, layout.bit(rank, packed), packed.width, packed.number(value));
        }
    }
    bytes.truncate(end);
    let length = (end + CHECKSUM) as u64;
    bytes[12..START].copy_from_slice(&length.to_le_bytes());
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

impl Layout {
    /// The layout of a file that is whole.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, OpenProblem> {
        let content = verify(bytes)?;
        let mut reader = Reader(&content[START..]);
        let mut layout = Self { columns: vec![], rows_at: 0, row_bits: 0 };
        for (place, column) in (1..).zip(Column::all()) {
            let problem = OpenProblem::Column { place, expected: column.name() };
            layout.push(Packed::read(column, &mut reader).ok_or(problem)?);
        }
        layout.rows_at = content.len() - reader.0.len();
        let expected = (layout.end(COUNT) + CHECKSUM) as u64;
        let found = bytes.len() as u64;
        if expected == found { Ok(layout) } else { Err(OpenProblem::Length { expected, found }) }
    }

    /// A value, in units of the column's last decimal.
    pub(super) fn value(&self, bytes: &[u8], rank: usize, column: Column) -> u32 {
        let packed = &self.columns[column.place()];
        packed.value(bits::read(bytes, self.bit(rank, packed), packed.width))
    }

    /// Adds a column behind the others.
    fn push(&mut self, column: Packed) {
        let width = column.width as usize;
        self.columns.push(Packed { at: self.row_bits, ..column });
        self.row_bits += width;
    }

    const fn bit(&self, rank: usize, packed: &Packed) -> usize {
        8 * (self.rows_at + rank * self.row_bits.div_ceil(8)) + packed.at
    }

    /// Where the rows end.
    const fn end(&self, rows: usize) -> usize {
        self.rows_at + rows * self.row_bits.div_ceil(8)
    }
}

impl Packed {
    /// The shorter coding of these values.
    fn of(values: &[u32]) -> Self {
        let distinct: BTreeSet<u32> = values.iter().copied().collect();
        let [least, most] = [distinct.first(), distinct.last()].map(|end| end.copied().unwrap_or(0));
        let plain = width_of(most - least);
        let coded = width_of(distinct.len().saturating_sub(1) as u32);
        let bits = |width: u32| values.len() as u64 * u64::from(width);
        if bits(plain) <= bits(coded) + (32 << coded) {
            return Self { at: 0, width: plain, coding: Coding::From(least) };
        }
        let mut dictionary: Vec<u32> = distinct.into_iter().collect();
        dictionary.resize(1 << coded, most);
        Self { at: 0, width: coded, coding: Coding::Among(dictionary) }
    }

    fn number(&self, value: u32) -> u32 {
        match &self.coding {
            Coding::From(least) => value - least,
            Coding::Among(dictionary) => dictionary.partition_point(|&other| other < value) as u32,
        }
    }

    fn value(&self, number: u32) -> u32 {
        match &self.coding {
            Coding::From(least) => least.saturating_add(number),
            Coding::Among(dictionary) => dictionary[number as usize],
        }
    }

    fn write(&self, column: Column, bytes: &mut Vec<u8>) {
        let name = column.name();
        bytes.push(name.len() as u8);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&[column.decimals(), self.width as u8]);
        let (kind, values) = match &self.coding {
            Coding::From(least) => (0, std::slice::from_ref(least)),
            Coding::Among(dictionary) => (1, &dictionary[..]),
        };
        bytes.push(kind);
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    /// The description of this column; none where another one, or something else, stands there.
    fn read(column: Column, reader: &mut Reader<'_>) -> Option<Self> {
        let length = reader.byte()?;
        let named = reader.take(length.into())? == column.name().as_bytes();
        let [decimals, width, kind] = [reader.byte()?, reader.byte()?, reader.byte()?];
        let coding = match kind {
            0 if width <= 32 => Coding::From(reader.number()?),
            1 if width < 32 => Coding::Among(reader.numbers(1 << width)?),
            _ => return None,
        };
        (named && decimals == column.decimals()).then_some(Self { at: 0, width: width.into(), coding })
    }
}

/// All but the checksum of a file that is whole.
fn verify(bytes: &[u8]) -> Result<&[u8], OpenProblem> {
    if !bytes.starts_with(MAGIC) {
        let found = if bytes.is_empty() { "it is empty" } else { "it is no such table" };
        return Err(OpenProblem::NotATable { found });
    }
    let found = bytes.len() as u64;
    let mut reader = Reader(&bytes[MAGIC.len()..]);
    let cut = OpenProblem::Length { expected: (START + CHECKSUM) as u64, found };
    let version = reader.number().ok_or_else(|| cut.clone())?;
    if version != VERSION {
        return Err(OpenProblem::Version { found: version });
    }
    let expected = reader.take(8).and_then(|length| length.first_chunk()).copied();
    let expected = u64::from_le_bytes(expected.ok_or_else(|| cut.clone())?);
    if bytes.len() < START + CHECKSUM || expected != found {
        return Err(OpenProblem::Length { expected, found });
    }
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if Sha256::digest(content)[..] == *checksum { Ok(content) } else { Err(OpenProblem::Checksum) }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn number(&mut self) -> Option<u32> {
        self.numbers(1)?.first().copied()
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<u32>> {
        let bytes = self.take(count.checked_mul(4)?)?;
        Some(bytes.as_chunks().0.iter().map(|&number| u32::from_le_bytes(number)).collect())
    }
}
