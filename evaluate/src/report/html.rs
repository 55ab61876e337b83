//! Tables in a page that needs nothing but itself.

use std::fmt::Write as _;

use models::draw::escape;

use super::table::{Align, Cell, Table};

/// Readable by day and by night. Pictures keep the white that their lines are drawn for.
const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --faint: #8895a5; --line: #d5dce4; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe6ee; --paper: #12171d; --faint: #8c9aaa; --line: #2c3640; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1200px; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.4rem; } h3 { font-size: 1rem; margin-bottom: .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th.right, td.right { text-align: right; }
thead th { cursor: pointer; user-select: none; vertical-align: bottom; white-space: normal; max-width: 11rem; }
td.long { white-space: normal; min-width: 22rem; }
thead th[aria-sort=ascending]::after { content: ' ▲'; } thead th[aria-sort=descending]::after { content: ' ▼'; }
ul.notes { color: var(--faint); font-size: 13px; padding-left: 1.2rem; }
.row { display: flex; flex-wrap: wrap; gap: 16px; } .row > svg { flex: 1 1 480px; max-width: 760px; }
svg { background: #fff; height: auto; max-width: 100%; }
details { margin: .6rem 0; } summary { cursor: pointer; }
";

/// A click on a head sorts by its column: numbers by what they are, the rest by their letters.
const SORT: &str = "
for (const head of document.querySelectorAll('thead th')) head.addEventListener('click', () => {
  const body = head.closest('table').tBodies[0], column = head.cellIndex;
  const down = head.getAttribute('aria-sort') === 'ascending', key = row => row.cells[column].dataset.value;
  const order = (a, b) => {
    const [x, y] = [key(a), key(b)], [m, n] = [parseFloat(x), parseFloat(y)];
    if (isNaN(m) !== isNaN(n)) return isNaN(m) ? 1 : -1;
    return (isNaN(m) ? x.localeCompare(y) : m - n) * (down ? -1 : 1);
  };
  for (const row of [...body.rows].sort(order)) body.append(row);
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
});
";

/// Bytes from which on a cell's text is broken into lines.
const LONG: usize = 45;

/// A page under construction.
pub(crate) struct Page(String);

impl Page {
    /// With its title.
    pub(crate) fn new(title: &str) -> Self {
        let title = escape(title);
        Self(format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        ))
    }

    /// A heading.
    pub(crate) fn section(&mut self, title: &str) {
        self.line(&format!("<h2>{}</h2>", escape(title)));
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.line(&format!("<p>{}</p>", escape(text)));
    }

    /// SVG pictures beside each other.
    pub(crate) fn pictures(&mut self, svgs: &[String]) {
        self.line(&format!("<div class=\"row\">{}</div>", svgs.concat()));
    }

    /// A picture that can be folded away.
    pub(crate) fn folded(&mut self, title: &str, svg: &str) {
        self.line(&format!("<details open><summary>{}</summary>{svg}</details>", escape(title)));
    }

    /// A table that sorts.
    pub(crate) fn table(&mut self, table: &Table) {
        if let Some(title) = &table.title {
            self.line(&format!("<h3>{}</h3>", escape(title)));
        }
        let class = |align: &Align| if *align == Align::Right { " class=\"right\"" } else { "" };
        let heads = table.heads.iter().zip(&table.aligns);
        let heads = heads.map(|(head, align)| format!("<th{}>{}</th>", class(align), escape(head)));
        let heads = heads.collect::<Vec<_>>().concat();
        let cell = |(cell, align): (&Cell, &Align)| {
            let (value, shown) = (escape(&value(cell)), escape(&cell.to_string()));
            format!(
                "<td{} data-value=\"{value}\">{shown}</td>",
                if shown.len() > LONG { " class=\"long\"" } else { class(align) }
            )
        };
        let row = |row: &Vec<Cell>| {
            format!("<tr>{}</tr>\n", row.iter().zip(&table.aligns).map(cell).collect::<String>())
        };
        let rows: String = table.rows.iter().map(row).collect();
        let head =
            if table.has_shown_heads { format!("<thead><tr>{heads}</tr></thead>") } else { String::new() };
        self.line(&format!("<div class=\"scroll\"><table>{head}<tbody>\n{rows}</tbody></table></div>"));
        if !table.notes.is_empty() {
            let notes = table.notes.iter().map(|note| format!("<li>{}</li>", escape(&note.to_string())));
            let notes = notes.collect::<Vec<_>>().concat();
            self.line(&format!("<ul class=\"notes\">{notes}</ul>"));
        }
    }

    /// The page.
    pub(crate) fn finish(self) -> String {
        format!("{}<script>{SORT}</script>\n</body></html>\n", self.0)
    }

    fn line(&mut self, html: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{html}");
    }
}

/// What a cell is sorted by.
fn value(cell: &Cell) -> String {
    match cell {
        Cell::Count(number) | Cell::Spread(number, _) => number.to_string(),
        Cell::Times(factor, number) => factor.saturating_mul(*number).to_string(),
        Cell::Text(_) | Cell::Marks(_) => cell.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_and_sort_by_their_plain_values() {
        let mut table = Table::new(&["model", "MACs"]).titled("a<b");
        table.row(&["x&y".into(), Cell::Count(1_234_567)]);
        table.note("n > 1");
        let mut page = Page::new("T");
        page.table(&table);
        let html = page.finish();
        for part in
            ["<h3>a&lt;b</h3>", "x&amp;y</td>", "data-value=\"1234567\">1 234 567</td>", "<li>n &gt; 1</li>"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
