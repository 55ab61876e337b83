//! Laying values over each other: preset, file, `--set`, flags.

use std::path::Path;

use models::error::suggestion;
use toml::{Table, Value};

use super::Config;
use super::presets::{self, PRESETS, Preset};
use crate::error::Error;

/// One `key=value`, the key dotted: `search.epochs=3`.
pub type Assignment = (String, Value);

/// Settings on the way to a [`Config`].
#[derive(Debug)]
pub struct Layers(Table);

impl Layers {
    /// Starts from a preset.
    ///
    /// # Errors
    /// When there is none of this name; suggests the nearest.
    pub fn preset(name: &str) -> Result<Self, Error> {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let preset = PRESETS.iter().find(|preset| preset.name == name);
        let preset = preset.ok_or_else(|| models::error::Error::unknown("preset", name, &known))?;
        let mut layers = Self(parse(base().name, base().text)?);
        layers.lay(preset.name, preset.text)?;
        Ok(layers)
    }

    /// Starts from a preset as it is for this space and this method: what the preset changes in the space, what makes
    /// the method what it is, and, where the preset is one of published values, the method's.
    ///
    /// # Errors
    /// When there is no such preset or method; suggests the nearest.
    pub fn preset_for(name: &str, space: &str, method: &str) -> Result<Self, Error> {
        let mut layers = Self::preset(name)?;
        for text in presets::of_space(name, space) {
            layers.lay(&format!("preset {name} of space {space}"), text)?;
        }
        let entry = crate::methods::entry(method)?;
        let published = [entry.published, presets::of_pair(space, method)];
        let published = if presets::is_published(name) { published } else { [""; 2] };
        for text in published.into_iter().chain([entry.settings]) {
            layers.lay(&format!("preset {name} of method {method}"), text)?;
        }
        layers.set("a flag", "space", space)?;
        layers.set("a flag", "method", method)?;
        Ok(layers)
    }

    /// The text of a key such as `space`.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Lays a TOML file's values over these.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has an unknown key or a value of the wrong type.
    pub fn lay_file(&mut self, path: &Path) -> Result<(), Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
        self.lay(&path.display().to_string(), &text)
    }

    fn lay(&mut self, origin: &str, text: &str) -> Result<(), Error> {
        for (key, value) in flatten(&parse(origin, text)?) {
            self.set(origin, &key, value)?;
        }
        Ok(())
    }

    /// Lays one `key=value` over these.
    ///
    /// # Errors
    /// When it has no `=`, the key is unknown or the value is of the wrong type.
    pub fn assign(&mut self, text: &str) -> Result<(), Error> {
        let split = text.split_once('=');
        let (key, value) = split.ok_or_else(|| Error::Assignment { text: text.into() })?;
        // What is no TOML value is taken as text, so that names need no quotes.
        let parsed = format!("v = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
        self.set("--set", key.trim(), parsed.unwrap_or_else(|| Value::String(value.trim().into())))
    }

    /// Replaces the value of a dotted key.
    ///
    /// # Errors
    /// When the key is unknown (suggests the nearest) or the value is of another type.
    pub fn set(&mut self, origin: &str, key: &str, value: impl Into<Value>) -> Result<(), Error> {
        let known = flatten(&self.0);
        let Some((_, old)) = known.iter().find(|(name, _)| name == key) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            let hint = suggestion(key, &names);
            return Err(Error::UnknownKey { origin: origin.into(), key: key.into(), hint });
        };
        let value = fitted(old, value.into()).map_err(|found| Error::SettingType {
            origin: origin.into(),
            key: key.into(),
            expected: type_name(old),
            found: found.to_string(),
        })?;
        let found = value.to_string();
        insert(&mut self.0, key, value);
        // Read at once, so that a name that is none is put down to its key.
        self.read().map(drop).map_err(|problem| Error::SettingValue {
            origin: origin.into(),
            key: key.into(),
            found,
            problem,
        })
    }

    fn read(&self) -> Result<Config, String> {
        Value::Table(self.0.clone()).try_into().map_err(|error: toml::de::Error| error.message().into())
    }

    /// The settings, checked.
    ///
    /// # Errors
    /// When a value is out of its range.
    pub fn resolve(self) -> Result<Config, Error> {
        let config = self.read().map_err(|problem| Error::Toml { origin: "the settings".into(), problem })?;
        config.check()?;
        Ok(config)
    }
}

/// The preset that has every key.
fn base() -> &'static Preset {
    &PRESETS[PRESETS.len() - 1]
}

fn parse(origin: &str, text: &str) -> Result<Table, Error> {
    text.parse().map_err(|error: toml::de::Error| Error::Toml {
        origin: origin.into(),
        problem: error.to_string().trim().replace('\n', " "),
    })
}

/// Every leaf with its dotted key.
fn flatten(table: &Table) -> Vec<Assignment> {
    let mut leaves = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => {
                leaves.extend(flatten(inner).into_iter().map(|(rest, value)| (format!("{key}.{rest}"), value)));
            }
            leaf => leaves.push((key.clone(), leaf.clone())),
        }
    }
    leaves
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.into(), value)),
        Some((head, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(head) {
                insert(inner, rest, value);
            }
        }
    }
}

/// The value in the type of the old one; whole numbers serve as fractions, and none is negative. Gives it back when it
/// does not fit.
fn fitted(old: &Value, value: Value) -> Result<Value, Value> {
    match (old, value) {
        (Value::Float(_), Value::Integer(whole)) => Ok(Value::Float(whole as f64)),
        (Value::Integer(_), value @ Value::Integer(..0)) => Err(value),
        (old, value) if old.same_type(&value) => Ok(value),
        (_, value) => Err(value),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Float(_) => "a number",
        Value::Integer(_) => "a whole number of at least 0",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        _ => "text",
    }
}
