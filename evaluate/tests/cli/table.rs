//! The paper's tables, and the formats of every command.

use serde_json::Value;

use super::{Tiny, evaluate, json};

const NAMES: [&str; 8] =
    ["paper-1", "paper-1-left", "paper-1-right", "paper-2", "paper-3", "paper-4", "paper-5", ""];

/// What a command prints in a format.
fn printed(line: &str, format: &str) -> String {
    let output = evaluate(line.split_whitespace().chain(["--format", format]));
    assert_eq!(output.status, 0, "{line}: {}", output.stderr);
    output.stdout
}

/// Records without their head. The reader refuses records of unequal length.
fn records(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let fields = |record: &csv::StringRecord| record.iter().map(String::from).collect::<Vec<_>>();
    let head = fields(reader.headers().expect("a head"));
    (head, reader.records().map(|record| fields(&record.expect("a record"))).collect())
}

/// Pieces between separators that are not escaped.
fn pieces(line: &str, separator: char) -> usize {
    let characters: Vec<char> = line.chars().collect();
    1 + (0..characters.len())
        .filter(|&i| characters[i] == separator && (i == 0 || characters[i - 1] != '\\'))
        .count()
}

#[test]
fn every_table_comes_in_every_format() {
    for name in NAMES {
        let line = format!("table {name}");
        assert!(printed(&line, "text").lines().count() > 3, "{name}");
        let (head, rows) = records(&printed(&line, "csv"));
        let json: Value = serde_json::from_str(&printed(&line, "json")).unwrap();
        let json_rows = match name {
            "" => json.as_array().unwrap().len(),
            _ => json.as_array().unwrap().iter().map(|table| table["rows"].as_array().unwrap().len()).sum(),
        };
        assert_eq!(rows.len(), json_rows, "{name}");
        assert_eq!(head[0] == "table", name == "paper-1", "{name}");
        check_markdown(name, &printed(&line, "markdown"), json_rows);
        check_latex(name, &printed(&line, "latex"), json_rows);
    }
}

/// All lines of a table have as many cells as the rule below its head.
fn check_markdown(name: &str, text: &str, rows: usize) {
    let lines: Vec<&str> = text.lines().collect();
    let rules: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].starts_with("| :--")).collect();
    let body = |&rule: &usize| {
        let cells = pieces(lines[rule], '|');
        let rows = lines[rule + 1..].iter().take_while(|line| line.starts_with('|'));
        let checked = rows.inspect(|line| assert_eq!(pieces(line, '|'), cells, "{name}: {line}"));
        assert_eq!(pieces(lines[rule - 1], '|'), cells, "{name}");
        checked.count()
    };
    assert_eq!(rules.iter().map(body).sum::<usize>(), rows, "{name}");
}

/// Environments close, the three rules are there, and rows have a cell for each column.
fn check_latex(name: &str, text: &str, rows: usize) {
    let count = |piece: &str| text.matches(piece).count();
    let tables = count("\\begin{table}");
    for piece in
        ["\\end{table}", "\\begin{tabular}", "\\end{tabular}", "\\toprule", "\\midrule", "\\bottomrule"]
    {
        assert_eq!(count(piece), tables, "{name}: {piece}");
    }
    let mut columns = 0;
    let mut lines = 0;
    for line in text.lines() {
        if let Some(spec) = line.strip_prefix("\\begin{tabular}{") {
            columns = spec.trim_end_matches('}').len();
        } else if line.ends_with(" \\\\") {
            assert_eq!(pieces(line, '&'), columns, "{name}: {line}");
            lines += 1;
        }
    }
    assert_eq!(lines, rows + tables, "{name}");
    // Everything that plain LaTeX has no glyph for was replaced.
    assert!(text.is_ascii(), "{name}");
}

#[test]
fn markdown_as_printed() {
    let text = printed("table paper-4", "markdown");
    let expected = "**With and without noise, top-1 in % (Table 4 of the paper)**

| method | type | data | benchmark | top-1 (%) | notes |
| :-- | :-- | :-- | --: | --: | :-- |
| NoisyDARTS | w/ Noise | CIFAR-10 | 1 | 97.35±0.23 |  |
| DARTS | w/o Noise | CIFAR-10 | 1 | 96.62±0.23\\* | 1 |
";
    assert!(text.starts_with(expected), "{text}");
}

/// A number as printed, and half a unit of its last digit.
fn figure(cell: &str) -> Option<(f64, f64)> {
    let number: String = cell.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Some((number.parse().ok()?, 0.5 * 10f64.powi(-(decimals as i32))))
}

/// A count in millions: that of one network, or the mean of several.
fn millions(count: &Value) -> f64 {
    count.as_f64().or(count["mean"].as_f64()).expect("a count") / 1e6
}

fn differs(published: &Value, counted: &Value) -> bool {
    let published = published.as_str().expect("a cell");
    let counted = &counted["counted"];
    let is_far = |(value, half): (f64, f64), count: f64| (count - value).abs() > half + 1e-9;
    let std = published.split_once('±').and_then(|(_, std)| figure(std));
    figure(published).is_some_and(|mean| is_far(mean, millions(counted)))
        || std.is_some_and(|std| is_far(std, counted["std"].as_f64().expect("a deviation") / 1e6))
}

/// The notes of a row, with what they explain.
fn explained<'a>(table: &'a Value, row: &'a Value) -> impl Iterator<Item = &'a Value> {
    let marks = row["notes"].as_array().expect("marks");
    let notes = table["notes"].as_array().expect("notes");
    notes.iter().filter(|note| marks.contains(&note["mark"]))
}

#[test]
fn every_row_is_counted_or_says_why_not() {
    let tables = json(["table", "paper-1"], 0);
    for table in tables.as_array().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            assert_eq!(row["published"].as_object().unwrap().len(), 4);
            let why = explained(table, row)
                .any(|note| note["text"].as_str().unwrap().contains("No public definition"));
            assert_eq!(row["computed"].is_null(), why, "{}", row["published"]);
            for mark in row["notes"].as_array().unwrap() {
                assert!(explained(table, row).any(|note| note["mark"] == *mark), "{mark} has no note");
            }
        }
    }
}

#[test]
fn every_difference_has_a_note_about_it() {
    let tables = json(["table", "paper-1"], 0);
    let mut differences = 0;
    for table in tables.as_array().unwrap() {
        for row in table["rows"].as_array().unwrap().iter().filter(|row| !row["computed"].is_null()) {
            let (published, computed) = (&row["published"], &row["computed"]);
            let so = &computed["as_published"];
            let macs = differs(&published["MACs (M)"], &computed["conv_linear"])
                || !so.is_null() && differs(&published["MACs (M)"], so);
            for (what, differs) in
                [("params", differs(&published["params (M)"], &computed["params"])), ("macs", macs)]
            {
                let is_about =
                    |note: &Value| note["about"].as_array().is_some_and(|about| about.contains(&what.into()));
                let has_note = explained(table, row).any(is_about);
                assert_eq!(differs, has_note, "{what} of {published}");
                assert!(!differs || row["differing"].as_array().unwrap().contains(&what.into()), "{published}");
                differences += usize::from(differs);
            }
        }
    }
    assert!(differences > 0);
}

/// 534 M is thop's count, and 583±22 M that of five networks; both are `NoisyDARTS` Table 1, the counts are those of
/// `models::conventions`.
#[test]
fn published_conventions_are_counted_beside_the_papers_own() {
    let tables = json(["table", "paper-1-left"], 0);
    let row = |name: &str| {
        let rows = tables[0]["rows"].as_array().unwrap();
        rows.iter().find(|row| row["published"]["model"] == name).unwrap()
    };
    let noisy = &row("NoisyDARTS-a")["computed"];
    assert_eq!(noisy["conv_linear"]["counted"], 513_871_488);
    assert_eq!(noisy["as_published"]["convention"], "thop_0_1");
    assert_eq!(noisy["as_published"]["counted"], 534_036_672);
    assert_eq!(noisy["as_published"]["difference"]["vanishes"], true);
    let minus = &row("DARTS-")["computed"];
    assert_eq!(minus["networks"].as_array().unwrap().len(), 5);
    // 583.7 and 22.1 M: the mean was cut off.
    assert_eq!(millions(&minus["as_published"]["counted"]) as u64, 583);
    assert_eq!((minus["as_published"]["counted"]["std"].as_f64().unwrap() / 1e6).round() as u64, 22);
}

/// C100-S2 cannot hold, and C10-S3 only with the divisor n: the bounds for three runs are 1.414 and 1.155.
#[test]
fn the_best_of_three_runs_is_checked_against_their_mean() {
    let tables = json(["table", "paper-2"], 0);
    let rows = tables[0]["rows"].as_array().unwrap();
    let noted: Vec<_> = rows.iter().filter(|row| row["notes"] != serde_json::json!([])).collect();
    let place =
        |row: &Value| format!("{}-{}", row["published"]["data"], row["published"]["space"]).replace('"', "");
    assert_eq!(noted.iter().map(|row| place(row)).collect::<Vec<_>>(), ["C10-S3", "C100-S2"]);
    let text =
        |row: &Value| explained(&tables[0], row).map(|note| note["text"].to_string()).collect::<String>();
    assert!(text(noted[0]).contains("1.176") && text(noted[0]).contains("divisor"), "{}", text(noted[0]));
    assert!(text(noted[1]).contains("1.483") && text(noted[1]).contains("1.414"), "{}", text(noted[1]));
}

#[test]
fn unknown_tables_are_refused_with_a_suggestion() {
    let output = evaluate(["table", "paper-6"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("paper-6") && output.stderr.contains("did you mean"), "{}", output.stderr);
}

#[test]
fn numbers_are_digits_for_programs_and_groups_for_people() {
    let line = "cost zoo:noisydarts-a";
    let (head, rows) = records(&printed(line, "csv"));
    let macs = head.iter().position(|head| head == "MACs (conv + linear)").unwrap();
    assert_eq!(rows[0][macs], "513871488");
    assert!(printed(line, "latex").contains("513\\,871\\,488"));
    for format in ["text", "markdown"] {
        assert!(printed(line, format).contains("513 871 488"), "{format}");
    }
    let (_, rows) = records(&printed("zoo", "csv"));
    assert!(rows.len() > 60 && rows.iter().any(|row| row[1] == "446669312"));
}

/// Names and values in two columns, the metadata too.
#[test]
fn what_is_in_a_file_comes_as_records() {
    let model = Tiny { metadata: vec![("a, b", "1 \"2\"".into())], ..Tiny::default() }.write();
    let line = format!("inspect {}", model.path());
    let (head, rows) = records(&printed(&line, "csv"));
    assert_eq!(head, ["table", "name", "value"]);
    assert!(rows.iter().any(|row| row[..] == ["metadata", "a, b", "1 \"2\""]), "{rows:?}");
    assert!(printed(&line, "markdown").contains("| name | value |\n| :-- | :-- |\n"));
    assert!(printed(&line, "text").ends_with("\na, b: 1 \"2\"\n"));
}
