//! A command line for the device, made from the arguments that were parsed here.

/// The words of a command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Begins with these.
    pub(crate) fn new(words: &[&str]) -> Self {
        Self(words.iter().map(ToString::to_string).collect())
    }

    /// A flag with its value, where it was given. One word, so that a value may begin with a hyphen.
    pub(crate) fn flag(mut self, flag: &str, value: Option<impl ToString>) -> Self {
        self.0.extend(value.map(|value| format!("{flag}={}", value.to_string())));
        self
    }

    /// A flag with several values.
    pub(crate) fn list(self, flag: &str, values: &[impl ToString]) -> Self {
        let list = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        self.flag(flag, Some(list).filter(|list| !list.is_empty()))
    }

    /// A word as it is.
    pub(crate) fn word(mut self, word: impl Into<String>) -> Self {
        self.0.push(word.into());
        self
    }

    /// All of them.
    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn what_was_not_given_is_left_out() {
        let words = Words::new(&["latency"]).flag("--runs", Some(3)).flag("--pin", None::<String>);
        let words = words.list("--batch", &[1, 8]).list("--input", &[0; 0]).word("m.onnx");
        assert_eq!(words.into_vec(), ["latency", "--runs=3", "--batch=1,8", "m.onnx"]);
    }
}
