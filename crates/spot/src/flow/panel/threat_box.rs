//! Title, comments and Save for one address.

use std::sync::{Arc, Mutex, PoisonError};

use evcxr_widgets::{Button, ButtonKind, Html, Layout, Text, Textarea, VBox};
use spot_analysis::model::Address;
use spot_store::Workbench;
use spot_view::panel as words;

use super::super::{configuration, investigate, save, show};
use crate::{Error, Result};

/// The form for one address at a time.
pub(crate) struct ThreatBox {
    heading: Html,
    title: Text,
    text: Textarea,
    status: Html,
    root: VBox,
    about: About,
}

/// The day and address that Save writes for.
type About = Arc<Mutex<Option<(Arc<Workbench>, Address)>>>;

impl ThreatBox {
    /// An empty form; [`ThreatBox::fill`] it before it is shown.
    pub(crate) fn new() -> Self {
        let look = configuration::current();
        let wide = || Layout::new().width("100%");
        let about = About::default();
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
        let (a, t, c, s) = (about.clone(), title.clone(), text.clone(), status.clone());
        let button = Button::new("Save").kind(ButtonKind::Primary).on_click(move || {
            let bundle = match save_clicked(&a, &t.value(), &c.value()) {
                Ok((address, saved)) => show::saved(&address, &saved),
                Err(error) => show::error(&error),
            };
            let html = bundle.get("text/html").and_then(|html| html.as_str());
            s.set_value(html.unwrap_or_default());
        });
        let root = VBox::new((&heading, &title, &text, &button, &status))
            .fallback("Title, comments and Save: run the cell again to use them.");
        Self { heading, title, text, status, root, about }
    }

    /// Turns the form to another address, with what is saved about it.
    pub(crate) fn fill(&self, bench: Arc<Workbench>, address: Address) -> Result<()> {
        let story = bench.story(&address)?;
        let (title, text) = story.map(|story| (story.title, story.text)).unwrap_or_default();
        let heading = words::heading("Threat summary for", address.as_str());
        self.heading.set_value(heading.into_string());
        self.title.set_value(title);
        self.text.set_value(text);
        self.status.set_value("");
        *self.about.lock().unwrap_or_else(PoisonError::into_inner) = Some((bench, address));
        Ok(())
    }

    pub(crate) fn root(&self) -> &VBox {
        &self.root
    }

    pub(crate) fn show(&self) {
        self.root.show();
    }
}

fn save_clicked(about: &About, title: &str, text: &str) -> Result<(Address, spot_store::Saved)> {
    let about = about.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (bench, address) = about.ok_or_else(|| Error::Use("Search an address first.".into()))?;
    let found = investigate(&bench, address.as_str())?;
    let saved = save(&bench, &found, title, text)?;
    super::retell(&bench, &found)?;
    Ok((address, saved))
}
