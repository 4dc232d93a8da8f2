//! Title, comments and Save for one anchor.

use std::sync::{Arc, Mutex};

use evcxr_widgets::display::Bundle;
use evcxr_widgets::{Button, ButtonKind, Html, Layout, Text, Textarea, VBox};
use spot_store::Bench;
use spot_view::panel as words;

use super::{current, lock};
use crate::case::Case;
use crate::{Result, calls, show};

/// Saves title and comments; gives what to show of it.
type Save = Arc<dyn Fn(&str, &str) -> Result<Bundle> + Send + Sync>;

/// The form for one anchor at a time.
pub(crate) struct ThreatBox {
    heading: Html,
    title: Text,
    text: Textarea,
    status: Html,
    root: VBox,
    save: Arc<Mutex<Option<Save>>>,
}

impl ThreatBox {
    /// An empty form; [`fill`] it before it is shown.
    pub(crate) fn new() -> Self {
        let look = current();
        // All of the width but the margins, which 100 % would push out of the panel.
        let wide = || Layout::new().width("auto");
        let save = Arc::new(Mutex::new(None::<Save>));
        let heading = Html::new("");
        let title = Text::new("")
            .placeholder("Threat Title")
            .description("Title")
            .continuous_update(false)
            .layout(wide());
        let text = Textarea::new("")
            .placeholder("What it means, and what to do")
            .description("Comments")
            .rows(look.comment_rows)
            .continuous_update(false)
            .layout(wide());
        let status = Html::new("");
        let (s, t, c, said) = (save.clone(), title.clone(), text.clone(), status.clone());
        let button = Button::new("Save").kind(ButtonKind::Primary).on_click(move || {
            let save = lock(&s).clone();
            let Some(save) = save else { return };
            let bundle = save(&t.value(), &c.value()).unwrap_or_else(|error| show::error(&error));
            let html = bundle.get("text/html").and_then(|html| html.as_str());
            said.set_value(html.unwrap_or_default());
        });
        let root = VBox::new((&heading, &title, &text, &button, &status))
            .fallback("Title, comments and Save: run the cell again to use them.");
        Self { heading, title, text, status, root, save }
    }

    /// Turns the form to another anchor, with what is saved about it.
    fn fill(&self, about: &str, story: Option<(String, String)>, save: Save) {
        let (title, text) = story.unwrap_or_default();
        self.heading.set_value(words::heading("Threat summary for", about).into_string());
        self.title.set_value(title);
        self.text.set_value(text);
        self.status.set_value("");
        *lock(&self.save) = Some(save);
    }

    pub(crate) fn root(&self) -> &VBox {
        &self.root
    }

    pub(crate) fn show(&self) {
        self.root.show();
    }
}

/// Turns the form to what a question is about. What it saves is shown in the panel's result, too.
pub(crate) fn fill<C: Case>(
    form: &ThreatBox,
    bench: &Arc<Bench<C>>,
    question: &C::Question,
) -> Result<()> {
    let about = C::about(question).to_string();
    let story = bench.story(C::about(question))?.map(|story| (story.title, story.text));
    let (bench, question, name) = (bench.clone(), question.clone(), about.clone());
    let save = move |title: &str, text: &str| {
        let found = calls::find(&bench, &question)?;
        let written = calls::keep(&bench, &found, title, text)?;
        if let Some(panel) = C::session().panel() {
            panel.present(C::bundle(&bench, &found)?);
        }
        Ok(show::saved(&name, &written))
    };
    form.fill(&about, story, Arc::new(save));
    Ok(())
}
