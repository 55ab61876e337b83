//! The HTML around charts and text.

use std::fmt::Write;

/// The style: readable by day and by night, without anything to fetch.
const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2733; --paper: #ffffff; --faint: #8895a5; --warn: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe6ee; --paper: #12171d; --faint: #7c8a9a; --warn: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1100px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.row { display: flex; flex-wrap: wrap; gap: 12px; }
svg { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; font-size: 12.5px; border-left: 3px solid var(--faint); padding-left: 12px; }
summary { cursor: pointer; font-weight: 600; margin-top: 2.2rem; }
.warning { color: var(--warn); font-weight: 600; }
";

/// A page under construction.
pub(super) struct Page {
    html: String,
}

/// Text with the characters that HTML gives a meaning to replaced.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let title = escaped(title);
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        );
        Self { html }
    }

    pub(super) fn section(&mut self, title: &str) {
        self.element("h2", "", &escaped(title));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.element("p", "", &escaped(text));
    }

    pub(super) fn warning(&mut self, text: &str) {
        self.element("p", " class=\"warning\"", &escaped(text));
    }

    pub(super) fn code(&mut self, text: &str) {
        self.element("pre", "", &escaped(text));
    }

    /// Text that is shown on demand.
    pub(super) fn folded(&mut self, title: &str, text: &str) {
        let inner = format!("<summary>{}</summary><pre>{}</pre>", escaped(title), escaped(text));
        self.element("details", "", &inner);
    }

    /// A picture, as SVG.
    pub(super) fn figure(&mut self, svg: &str) {
        self.element("div", "", svg);
    }

    /// Pictures beside each other.
    pub(super) fn row(&mut self, svgs: &[String]) {
        self.element("div", " class=\"row\"", &svgs.concat());
    }

    fn element(&mut self, tag: &str, attributes: &str, inner: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.html, "<{tag}{attributes}>{inner}</{tag}>");
    }

    pub(super) fn finish(mut self) -> String {
        self.html.push_str("</body></html>\n");
        self.html
    }
}
