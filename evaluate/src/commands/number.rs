//! Numbers on the command line.

/// A number above 0.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above 0".into())
}

/// A share above 0, given in percent with or without the sign.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = positive(text.strip_suffix('%').unwrap_or(text).trim_end());
    number.map(|number| number / 100.0).map_err(|_| "expected percent above 0, as 3%".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_and_what_is_none() {
        assert_eq!([percent("3%"), percent("3"), percent("0.5 %")], [Ok(0.03), Ok(0.03), Ok(0.005)]);
        assert!(["0%", "-1", "x", "inf", ""].iter().all(|text| percent(text).is_err()));
        assert!(positive("NaN").is_err());
    }
}
