//! MATLAB's level 5 MAT-file format, as far as numeric arrays need it (The `MathWorks`, "MAT-File Format").
//!
//! After 128 bytes of header come elements: an 8-byte tag (type, size) and a body padded to 8 bytes. A variable is a
//! matrix element of four: flags, dimensions, name, values; or a zlib stream of such an element. Values may be stored in
//! a smaller type than the array's own, so numbers are read by their stored type.

mod elements;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::{Error, file};
use elements::Elements;

const HEADER: usize = 128;
/// What the last four bytes of the header are: version 0x0100, "MI" swapped.
const LEVEL_5: [u8; 4] = [0x00, 0x01, b'I', b'M'];

// Element types.
const INT8: u32 = 1;
const UINT8: u32 = 2;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Classes of numeric arrays, double to uint64.
const NUMERIC: RangeInclusive<u8> = 6..=15;

/// The variables of one file, unpacked.
pub(super) struct MatFile {
    path: PathBuf,
    variables: Vec<Variable>,
}

/// One matrix element.
struct Variable {
    /// Where it begins in the file.
    offset: usize,
    body: Vec<u8>,
}

/// A numeric array.
pub(super) struct Array<'a> {
    pub(super) path: &'a Path,
    name: String,
    /// First one fastest.
    pub(super) dims: Vec<usize>,
    /// Element type the numbers are stored in.
    kind: u32,
    data: &'a [u8],
}

impl MatFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let bytes = file::read(path)?;
        check_header(path, &bytes)?;
        let mut elements = Elements { path, offset: HEADER, fixed: false, rest: &bytes[HEADER..] };
        let mut variables = Vec::new();
        while !elements.rest.is_empty() {
            let offset = elements.offset;
            let (kind, body) = elements.next()?;
            match kind {
                MATRIX => variables.push(Variable { offset, body: body.to_vec() }),
                COMPRESSED => variables.push(unpacked(path, offset, body)?),
                _ => {}
            }
        }
        Ok(Self { path: path.into(), variables })
    }

    /// The numeric array called `name`.
    pub(super) fn array(&self, name: &'static str) -> Result<Array<'_>, Error> {
        let mut found = Vec::new();
        for variable in &self.variables {
            match variable.array(&self.path)? {
                Some(array) if array.name == name => return Ok(array),
                other => found.extend(other.map(|array| array.name)),
            }
        }
        Err(Error::Variable { path: self.path.clone(), name, found })
    }
}

fn check_header(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mark = bytes.get(HEADER - LEVEL_5.len()..HEADER);
    if mark == Some(&LEVEL_5) {
        return Ok(());
    }
    let found = mark.map_or_else(|| format!("{} bytes in all", bytes.len()), |mark| format!("{mark:02x?}"));
    let expected =
        format!("{LEVEL_5:02x?}, as little-endian MATLAB files of level 5 have (saved with -v6 or -v7)");
    Err(Error::Malformed { path: path.into(), offset: HEADER - LEVEL_5.len(), expected, found })
}

/// A compressed element holds one whole matrix element.
fn unpacked(path: &Path, offset: usize, body: &[u8]) -> Result<Variable, Error> {
    // The tag takes 8 bytes.
    let bytes = file::inflate(path, offset + 8, body)?;
    let (kind, body) = Elements { path, offset, fixed: true, rest: &bytes }.next()?;
    if kind == MATRIX {
        return Ok(Variable { offset, body: body.to_vec() });
    }
    let (expected, found) = ("a compressed matrix".into(), format!("a compressed element of type {kind}"));
    Err(Error::Malformed { path: path.into(), offset, expected, found })
}

impl Variable {
    /// Its parts; `None` where it is not numeric.
    fn array<'a>(&'a self, path: &'a Path) -> Result<Option<Array<'a>>, Error> {
        let mut parts = Elements { path, offset: self.offset, fixed: true, rest: &self.body };
        let flags = parts.of(&[UINT32], "an array's flags")?;
        if !flags.first().is_some_and(|class| NUMERIC.contains(class)) {
            return Ok(None);
        }
        let dims = parts.of(&[INT32], "an array's dimensions")?;
        let dims = dims.as_chunks().0.iter().map(|dim| u32::from_le_bytes(*dim) as usize).collect();
        let name = String::from_utf8_lossy(parts.of(&[INT8, UINT8], "an array's name")?).into_owned();
        let (kind, data) = parts.next()?;
        Ok(Some(Array { path, name, dims, kind, data }))
    }
}

impl Array<'_> {
    /// An error that says what was expected of it.
    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        let dims = self.dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
        let found = format!("{dims}, {} bytes of type {}", self.data.len(), self.kind);
        Error::VariableForm { path: self.path.into(), name: self.name.clone(), expected, found }
    }

    /// Product of the dimensions.
    fn len(&self) -> Option<usize> {
        self.dims.iter().try_fold(1_usize, |product, dim| product.checked_mul(*dim))
    }

    /// Its values, one byte each and at least one.
    pub(super) fn bytes(&self) -> Result<&[u8], Error> {
        let whole = self.kind == UINT8 && self.len() == Some(self.data.len()) && !self.data.is_empty();
        if whole {
            Ok(self.data)
        } else {
            Err(self.unexpected("bytes (type 2), as many as its dimensions say"))
        }
    }

    /// Its values, of any type.
    pub(super) fn numbers(&self) -> Result<Vec<f64>, Error> {
        let values = numbers(self.kind, self.data).filter(|values| self.len() == Some(values.len()));
        values.ok_or_else(|| self.unexpected("numbers, as many as its dimensions say"))
    }
}

fn numbers(kind: u32, data: &[u8]) -> Option<Vec<f64>> {
    Some(match kind {
        INT8 => each(data, |b| i8::from_le_bytes(b).into()),
        UINT8 => each(data, |b| u8::from_le_bytes(b).into()),
        3 => each(data, |b| i16::from_le_bytes(b).into()),
        4 => each(data, |b| u16::from_le_bytes(b).into()),
        INT32 => each(data, |b| i32::from_le_bytes(b).into()),
        UINT32 => each(data, |b| u32::from_le_bytes(b).into()),
        7 => each(data, |b| f32::from_le_bytes(b).into()),
        9 => each(data, f64::from_le_bytes),
        12 => each(data, |b| i64::from_le_bytes(b) as f64),
        13 => each(data, |b| u64::from_le_bytes(b) as f64),
        _ => return None,
    })
}

fn each<const N: usize>(data: &[u8], number: fn([u8; N]) -> f64) -> Vec<f64> {
    data.as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
}
