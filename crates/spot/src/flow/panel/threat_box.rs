//! Title, comments and Save for one address.

use std::sync::Arc;

use evcxr_widgets::display::{self, Handle};
use evcxr_widgets::{Button, ButtonKind, Html, Layout, Text, Textarea, VBox};
use spot_analysis::model::Address;
use spot_store::Workbench;
use spot_view::states;

use super::super::{configuration, investigate, save, show};
use crate::{Error, Result};

/// The form for one address. It lives as long as it is shown.
pub(crate) struct ThreatBox {
    root: VBox,
}

impl ThreatBox {
    /// Fills the form from the saved story, if there is one.
    pub(crate) fn open(bench: Arc<Workbench>, address: Address) -> Result<Self> {
        let story = bench.story(&address)?;
        let (title, text) = story.map(|story| (story.title, story.text)).unwrap_or_default();
        let look = configuration::current();
        let wide = || Layout::new().width("100%");
        let heading = Html::new(states::heading("Threat summary for", address.as_str()).into_string());
        let title = Text::new(title)
            .placeholder("Threat Title")
            .description("Title")
            .continuous_update(false)
            .layout(wide());
        let text = Textarea::new(text)
            .placeholder("What it means, and what to do")
            .description("Comments")
            .rows(look.comment_rows)
            .continuous_update(false)
            .layout(wide());
        let status = Html::new("");
        let (given_title, given_text, said) = (title.clone(), text.clone(), status.clone());
        let button = Button::new("Save").kind(ButtonKind::Primary).icon("save").on_click(move || {
            let outcome = investigate(&bench, address.as_str())
                .and_then(|found| save(&bench, &found, &given_title.value(), &given_text.value()).map(|saved| (found, saved)));
            let bundle = match outcome {
                Ok((found, saved)) => {
                    super::retell(&bench, &found);
                    show::saved(&saved)
                }
                Err(error) => show::error(&error),
            };
            let html = bundle.get("text/html").and_then(|html| html.as_str());
            said.set_value(html.unwrap_or_default());
        });
        let root = VBox::new((&heading, &title, &text, &button, &status))
            .fallback("Title, comments and Save: run the cell again to use them.");
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &VBox {
        &self.root
    }

    pub(crate) fn show(&self) {
        self.root.show();
    }
}
