//! Over the Android SDK's `adb`.

use std::{path::Path, process::Command};

use super::{
    link::{Link, done, output},
    shell::{Answer, Lost, answer, with_status},
};

/// A phone, by its serial number; the only one without.
pub(super) struct Adb {
    pub(super) serial: Option<String>,
}

impl Link for Adb {
    fn name(&self) -> String {
        self.serial.as_ref().map_or_else(|| "adb".into(), |serial| format!("adb:{serial}"))
    }

    fn check(&self) -> Result<(), String> {
        let devices = output(Command::new("adb").arg("devices"));
        let devices = devices.and_then(|output| done(&output).map(|()| output)).map_err(|Lost(said)| said)?;
        let text = String::from_utf8_lossy(&devices.stdout).into_owned();
        self.among(&devices_of(&text))
    }

    fn run(&self, script: &str) -> Result<Answer, Lost> {
        answer(&output(self.adb().args(["shell", &with_status(script)]))?)
    }

    /// The contents of a folder, not the folder, so that it does not matter whether `to` is there.
    fn push(&self, from: &Path, to: &str) -> Result<(), Lost> {
        if from.is_dir() {
            self.run(&format!("mkdir -p {}", super::shell::quoted(to)))?;
            return done(&output(self.adb().arg("push").arg(from.join(".")).arg(to))?);
        }
        done(&output(self.adb().arg("push").arg(from).arg(to))?)
    }

    fn pull(&self, from: &str, to: &Path) -> Result<(), Lost> {
        done(&output(self.adb().arg("pull").arg(from).arg(to))?)
    }
}

impl Adb {
    fn adb(&self) -> Command {
        let mut adb = Command::new("adb");
        if let Some(serial) = &self.serial {
            adb.args(["-s", serial]);
        }
        adb
    }

    /// Whether the device is one of these, and ready.
    fn among(&self, devices: &[(&str, &str)]) -> Result<(), String> {
        let list = devices.iter().map(|(serial, _)| *serial).collect::<Vec<_>>().join(", ");
        let found = match (&self.serial, devices) {
            (_, []) => return Err("`adb devices` lists none: connect it and allow USB debugging".into()),
            (None, [only]) => only,
            (None, _) => return Err(format!("`adb devices` lists {list}: name one, as adb:{}", devices[0].0)),
            (Some(serial), _) => devices
                .iter()
                .find(|(found, _)| found == serial)
                .ok_or_else(|| format!("`adb devices` does not list it; it lists {list}"))?,
        };
        match found {
            (_, "device") => Ok(()),
            (serial, "unauthorized") => Err(format!("{serial} is not authorised: confirm on its screen")),
            (serial, state) => Err(format!("{serial} is {state}: reconnect it")),
        }
    }
}

/// Serial numbers and states: the lines of `adb devices` with a tab in them.
fn devices_of(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(serial, state)| (serial, state.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(serial: Option<&str>, text: &str) -> Result<(), String> {
        Adb { serial: serial.map(String::from) }.among(&devices_of(text))
    }

    #[test]
    fn which_device() {
        let head = "List of devices attached\n";
        let two = format!("{head}A1\tdevice\nB2\tunauthorized\n\n");
        assert_eq!(check(Some("A1"), &two), Ok(()));
        assert_eq!(check(None, &format!("{head}A1\tdevice\r\n")), Ok(()));
        assert!(check(None, &two).unwrap_err().contains("lists A1, B2: name one, as adb:A1"));
        assert!(check(Some("C3"), &two).unwrap_err().contains("does not list it; it lists A1, B2"));
        assert!(check(Some("B2"), &two).unwrap_err().contains("confirm on its screen"));
        assert!(check(None, head).unwrap_err().contains("lists none"));
    }
}
