//! Pictures of one folder, with a file that says of which class each is: how `ImageNet`'s validation set and many others come.

use std::fs;
use std::path::Path;

use super::dataset::Images;
use super::{Dataset, Error, file};

/// Most classes that a label can name.
const MOST: usize = 1 << 16;

/// The pictures that `labels` lists, in its order. Each of its lines is a path below `folder` and a class, with a comma, a tab
/// or spaces between: `val/0001.jpg 65`, or `val/0001.jpg,tabby cat` with a name of `classes`. Blank lines and lines that begin
/// with `#` do not count.
///
/// # Errors
/// When a file is missing, a line has no class, or the class is neither a name of `classes` nor a number below how many there are.
pub fn listed(folder: &Path, labels: &Path, classes: Vec<String>) -> Result<Dataset, Error> {
    file::folder(folder)?;
    if classes.len() > MOST {
        return Err(Error::TooManyClasses { folder: folder.into(), found: classes.len() });
    }
    let text = fs::read_to_string(labels).map_err(|source| Error::Io { path: labels.into(), source })?;
    let (mut numbers, mut paths) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bad = |problem| Error::Line { path: labels.into(), line: at + 1, problem };
        let (name, label) = split(line, &classes).ok_or_else(|| bad(unlabelled(line, &classes)))?;
        let path = folder.join(name);
        if !path.exists() {
            return Err(bad(format!("there is no picture {}", path.display())));
        }
        numbers.push(label);
        paths.push(path);
    }
    let title = labels.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if paths.is_empty() {
        return Err(Error::Line { path: labels.into(), line: 1, problem: "it lists no picture".into() });
    }
    Ok(Dataset::new(title, classes, numbers, Images::Files(paths)))
}

/// The names in a file, one a line.
///
/// # Errors
/// When the file cannot be read, or a line between others is blank.
pub fn class_names(path: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.into(), source })?;
    file::names(path, text.trim_end().lines().count().max(1))
}

/// The path and the class of a line. A name of a class may itself have spaces, so the first gap that leaves one decides.
fn split<'a>(line: &'a str, classes: &[String]) -> Option<(&'a str, u16)> {
    let gaps = line.match_indices([',', '\t', ' ']);
    let mut parts = gaps.map(|(at, gap)| (line[..at].trim(), line[at + gap.len()..].trim()));
    parts.find_map(|(path, class)| Some((path, number(class, classes)?)))
}

fn number(class: &str, classes: &[String]) -> Option<u16> {
    let by_name = || classes.iter().position(|name| name == class);
    let number = class.parse().ok().filter(|number| *number < classes.len()).or_else(by_name)?;
    u16::try_from(number).ok()
}

fn unlabelled(line: &str, classes: &[String]) -> String {
    format!(
        "expected a path and a class, as `a.jpg 0` (a number below {} or the name of a class), found {line:?}",
        classes.len()
    )
}
