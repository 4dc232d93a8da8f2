//! One page that stands alone: a report file for a browser, without network, scripts or kernel.

use crate::markup::{Markup, el};

const CSS: &str = ":root{color-scheme:light dark}\
body{margin:24px auto;max-width:1180px;padding:0 20px;font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
color:#1b1f24;background:#fff}\
section{margin:0 0 40px}details{break-inside:avoid}tbody tr:hover{background:rgba(127,127,127,0.1)!important}\
td,th{font-variant-numeric:tabular-nums}code{font-family:ui-monospace,monospace}\
@media (prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181c}}\
@media print{body{margin:0;max-width:none}}";

/// The page; its title may come from anywhere. Nothing in it can run or reach the network: its
/// own policy allows inline styles and images of data addresses, nothing else.
pub fn document(title: &str, body: &[Markup]) -> String {
    let head = el("head")
        .child(el("meta").own("charset", "utf-8"))
        .child(
            el("meta")
                .own("http-equiv", "Content-Security-Policy")
                .own("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
        )
        .child(
            el("meta")
                .own("name", "viewport")
                .own("content", "width=device-width, initial-scale=1"),
        )
        .child(el("meta").own("name", "referrer").own("content", "no-referrer"))
        .child(el("title").flat(title))
        .child(el("style").child(Markup::trusted(CSS)));
    let body = el("body").children(body.iter().map(|part| el("section").child(part.clone())));
    let page = Markup::from(el("html").own("lang", "en").child(head).child(body));
    format!("<!doctype html>\n{page}\n")
}
