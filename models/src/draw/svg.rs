//! The few SVG elements that pictures are made of. Presentation attributes only: no ids or classes that could
//! clash when several pictures stand in one page.

use std::fmt::Write as _;

/// Fonts that are there on every system.
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif";

/// How a shape or line is painted.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: &'static str,
    /// Only the outline, dashed: it carries nothing.
    pub(super) dashed: bool,
}

/// A text that may stand in XML. Control characters, which XML cannot hold, become U+FFFD.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c if c.is_control() => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A whole file.
pub(super) fn document(title: &str, [width, height]: [f64; 2], body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" font-family=\"{FONT}\" font-size=\"12\" \
         text-anchor=\"middle\">\n<title>{}</title>\n{body}</svg>\n",
        escape(title)
    )
}

/// Elements moved down.
pub(super) fn shifted(by: f64, body: &str) -> String {
    format!("<g transform=\"translate(0 {by:.1})\">\n{body}</g>\n")
}

/// Elements that appear one after the other.
#[derive(Default)]
pub(super) struct Body(pub(super) String);

impl Body {
    /// Text around this point, white by default; `markup` is XML already.
    pub(super) fn text(&mut self, [x, y]: [f64; 2], color: &str, extra: &str, markup: &str) {
        let _ = writeln!(self.0, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{color}\"{extra}>{markup}</text>");
    }

    /// A rounded rectangle around a point.
    pub(super) fn rounded(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], radius: f64, paint: Paint) {
        let (left, top) = (x - width / 2.0, y - height / 2.0);
        let _ = writeln!(
            self.0,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius:.1}\" {}/>",
            paint.filled()
        );
    }

    /// A line that leaves and arrives horizontally, then runs on to `until`.
    pub(super) fn curve(&mut self, [x0, y0]: [f64; 2], [x1, y1]: [f64; 2], until: f64, paint: Paint) {
        let middle = f64::midpoint(x0, x1);
        let _ = writeln!(
            self.0,
            "<path d=\"M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}H{until:.1}\" \
             fill=\"none\" stroke=\"{}\" stroke-width=\"1.7\"{}/>",
            paint.color,
            paint.dashes()
        );
    }

    /// An arrow head that points right, its tip here.
    pub(super) fn head(&mut self, [x, y]: [f64; 2], color: &str) {
        let _ = writeln!(self.0, "<path d=\"M{x:.1} {y:.1}l-7 -3.5v7z\" fill=\"{color}\"/>");
    }

    /// Opens a group with a tool tip.
    pub(super) fn open(&mut self, tip: &str) {
        let _ = writeln!(self.0, "<g><title>{}</title>", escape(tip));
    }

    /// Closes the group.
    pub(super) fn close(&mut self) {
        self.0.push_str("</g>\n");
    }
}

impl Paint {
    pub(super) const fn solid(color: &'static str) -> Self {
        Self { color, dashed: false }
    }

    fn dashes(self) -> &'static str {
        if self.dashed { " stroke-dasharray=\"4 3\"" } else { "" }
    }

    fn filled(self) -> String {
        let color = self.color;
        if self.dashed {
            format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\" stroke-dasharray=\"4 3\"")
        } else {
            format!("fill=\"{color}\"")
        }
    }

    /// The colour of text on it.
    pub(super) const fn ink(self) -> &'static str {
        if self.dashed { self.color } else { "#ffffff" }
    }
}
