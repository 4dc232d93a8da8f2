//! Still pictures of widgets, for kernels that have none: what the control says, without its use.

use serde_json::{Value, json};

use crate::display::{Bundle, escape};
use crate::model::Model;
use crate::spec::{CHILDREN, LABELS};
use crate::stock::to_html;

const SENTENCE: &str = "These controls do not answer: this kernel has no widgets.";

/// The widget as HTML and text, and the author's sentence or ours.
pub(crate) fn picture(model: &Model) -> Bundle {
    let sentence = model.fallback().unwrap_or_else(|| SENTENCE.to_owned());
    let html = format!("<div>{}<p><em>{}</em></p></div>", html(model, 0), escape(&sentence));
    Bundle::html(html).with("text/plain", format!("{}\n{sentence}", model.name()))
}

/// Boxes in boxes are followed this far, so that a box inside itself ends.
const DEPTH: usize = 20;

fn html(model: &Model, depth: usize) -> String {
    if depth > DEPTH {
        return String::new();
    }
    let text = |name: &str| escape(&model.text(name));
    let content = match model.text("_model_name").as_str() {
        "VBoxModel" | "HBoxModel" => return boxed(model, depth),
        "AccordionModel" => return sections(model, depth),
        "HTMLModel" => model.text("value"),
        "OutputModel" => outputs(&model.get("outputs")),
        "ButtonModel" => return format!("<p>[ {} ]</p>", text("description")),
        "SelectModel" | "DropdownModel" | "SelectMultipleModel" => labels(model),
        "IntProgressModel" => format!("{} / {}", model.get("value"), model.get("max")),
        _ => text("value"),
    };
    match text("description") {
        title if title.is_empty() => format!("<div>{content}</div>"),
        title => format!("<div>{title}: {content}</div>"),
    }
}

fn boxed(model: &Model, depth: usize) -> String {
    let row = model.text("_model_name") == "HBoxModel";
    let style = if row { "display:flex;gap:8px" } else { "display:block" };
    let children = model.parts(CHILDREN);
    let inside: String = children.iter().map(|child| html(child, depth + 1)).collect();
    format!(r#"<div style="{style}">{inside}</div>"#)
}

fn sections(model: &Model, depth: usize) -> String {
    let titles = model.texts("titles");
    let open = model.get("selected_index");
    let section = |(number, child): (usize, &Model)| {
        let title = escape(titles.get(number).map_or("", String::as_str));
        let open = if open == json!(number) { " open" } else { "" };
        let inside = html(child, depth + 1);
        format!("<details{open}><summary>{title}</summary>{inside}</details>")
    };
    model.parts(CHILDREN).iter().enumerate().map(section).collect()
}

fn labels(model: &Model) -> String {
    let chosen = model.get("index");
    let line = |(number, label): (usize, String)| {
        let label = escape(&label);
        let several = chosen.as_array().is_some_and(|all| all.contains(&json!(number)));
        match several || chosen == json!(number) {
            true => format!("<li><strong>{label}</strong></li>"),
            false => format!("<li>{label}</li>"),
        }
    };
    let lines: String = model.texts(LABELS).into_iter().enumerate().map(line).collect();
    format!("<ul>{lines}</ul>")
}

fn outputs(outputs: &Value) -> String {
    let piece = |output: &Value| {
        let data = output["data"].as_object().cloned().map(Bundle);
        let stream = || output["text"].as_str().map(Bundle::text);
        to_html(&data.or_else(stream)?)
    };
    outputs.as_array().into_iter().flatten().filter_map(piece).collect()
}
