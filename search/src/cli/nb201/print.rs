//! Rows of the table as text, JSON and CSV.

use models::nb201::COUNT;
use models::nb201::table::{Column, Place, Row};
use serde_json::{Map, Value, json};

/// One row as people read it, percents with the two digits that papers print.
pub(super) fn row_text(row: Row<'_>) -> String {
    let architecture = row.architecture;
    let [index, seeds] = [Column::INDEX, Column::SEEDS].map(|column| row.get(column));
    let head = format!("{architecture}\ncode {}, index {index}, mean of {seeds} seeds\n", architecture.code());
    let [parameters, nats] = [Column::PARAMETERS, Column::PARAMETERS_NATS].map(|column| row.get(column) as u64);
    let note =
        if parameters == nats { String::new() } else { format!(" ({nats} in NATS-Bench; see `nb201 check`)") };
    let [macs, small] = [Column::MACS, Column::MACS_IMAGENET16].map(|column| row.get(column));
    let seconds = row.get(Column::SECONDS);
    let latency =
        |column: Column| format!("{} {}", column.name().trim_start_matches("lat_ms_"), row.get(column));
    let latencies: Vec<String> = Column::latencies().map(latency).collect();
    let lines = [
        ("parameters", format!("{parameters}{note}")),
        ("MACs", format!("{macs}, on ImageNet16-120 {small}")),
        ("training", format!("{seconds} s for 200 epochs on half of CIFAR-10's training images")),
        ("latency, ms", latencies.join(", ")),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<15}{value}\n"));
    format!("{head}\n{}{}", accuracies(row), lines.concat())
}

fn accuracies(row: Row<'_>) -> String {
    let epochs = format!("{:<15}{:>16}{:>20}\n", "accuracy, %", "200 epochs", "12 epochs");
    let splits = format!("{:<15}{:>8}{:>8}{:>12}{:>8}\n", "", "valid", "test", "valid", "test");
    let early: Vec<f64> = Column::accuracies().skip(6).map(|column| row.get(column)).collect();
    let line = |((name, [valid, test]), early): ((&str, [f64; 2]), &[f64])| {
        format!("{name:<15}{valid:>8.2}{test:>8.2}{:>12.2}{:>8.2}\n", early[0], early[1])
    };
    let lines: String = row.accuracies().into_iter().zip(early.chunks(2)).map(line).collect();
    epochs + &splits + &lines
}

/// One row with all columns under their names.
pub(super) fn row_json(row: Row<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("architecture".into(), row.architecture.to_string().into());
    fields.insert("code".into(), row.architecture.code().into());
    fields.extend(Column::all().map(|column| (column.name().to_string(), value(row, column))));
    Value::Object(fields)
}

/// A value as it is: a count without a point.
fn value(row: Row<'_>, column: Column) -> Value {
    let value = row.get(column);
    if column.decimals() == 0 { json!(value as u64) } else { json!(value) }
}

/// The accuracies of one row with their places.
pub(super) fn places_text(row: Row<'_>) -> String {
    let head = format!("{}\n\n{:<24}{:>8}  place of {COUNT}\n", row.architecture, "", "%");
    let line = |column: Column| {
        let Place { place, equal } = row.place(column);
        let shared = if equal > 1 { format!(", shared by {equal}") } else { String::new() };
        format!("{:<24}{:>8.2}  {place}{shared}\n", column.name(), row.get(column))
    };
    head + &Column::accuracies().map(line).collect::<String>()
}

/// The same as an object.
pub(super) fn places_json(row: Row<'_>) -> Value {
    let place = |column: Column| {
        let Place { place, equal } = row.place(column);
        let entry = json!({ "value": row.get(column), "place": place, "equal": equal });
        (column.name().to_string(), entry)
    };
    let places: Map<String, Value> = Column::accuracies().map(place).collect();
    json!({ "architecture": row.architecture.to_string(), "of": COUNT, "places": places })
}

/// The best rows, one a line.
pub(super) fn list_text(rows: &[Row<'_>], by: Column) -> String {
    let width = by.name().len().max(9);
    let head = format!("{:>5}  {:>width$}  {:>5}  {:>6}  architecture\n", "place", by.name(), "index", "code");
    let line = |(at, row): (usize, &Row<'_>)| {
        let (value, index) = (number(*row, by), row.get(Column::INDEX));
        let architecture = row.architecture;
        let code = architecture.code();
        format!("{at:>5}  {value:>width$}  {index:>5}  {code:>6}  {architecture}\n")
    };
    head + &(1..).zip(rows).map(line).collect::<String>()
}

fn number(row: Row<'_>, column: Column) -> String {
    if column.is_accuracy() { format!("{:.2}", row.get(column)) } else { row.get(column).to_string() }
}

/// The best rows with all columns.
pub(super) fn list_json(rows: &[Row<'_>], by: Column) -> String {
    let rows: Vec<Value> = rows.iter().map(|row| row_json(*row)).collect();
    format!("{}\n", json!({ "by": by.name(), "rows": rows }))
}

/// The best rows with the columns of the benchmark's CSV, so that it could be imported again.
pub(super) fn list_csv(rows: &[Row<'_>]) -> String {
    let names: Vec<&str> = Column::all().map(Column::name).collect();
    let head = format!("code,arch,{}\n", names.join(","));
    let line = |row: &Row<'_>| {
        let values: Vec<String> = Column::all().map(|column| row.get(column).to_string()).collect();
        format!("{},{},{}\n", row.architecture.code(), row.architecture, values.join(","))
    };
    head + &rows.iter().map(line).collect::<String>()
}
