//! What Linux tells of machine and process in `/proc` and `/sys`: short texts, mostly lines `name : value`.

use std::fs;

/// A file's text, without white space around it; nothing where it cannot be read.
#[must_use]
pub fn text(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_string())
}

/// The value of the first line `name : value` of a text.
#[must_use]
pub fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
}

/// The first number in a text.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_numbers() {
        let text = "model name\t: Some CPU: fast\nVmHWM:\t    1740 kB\n";
        assert_eq!(field(text, "model name"), Some("Some CPU: fast"));
        assert_eq!(field(text, "VmHWM").and_then(number), Some(1740.0));
        assert_eq!(field(text, "model"), None);
        assert_eq!(number(""), None);
    }
}
