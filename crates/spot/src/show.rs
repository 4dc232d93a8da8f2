//! From what both investigations say to outputs of a cell: HTML beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use polars::prelude::DataFrame;
use spot_analysis::model::Flag;
use spot_report::Done;
use spot_store::{Bench, Comment, Pipeline, Saved};
use spot_view::days as rows_per_day;
use spot_view::evidence::Ranked;
use spot_view::format::{counted, flag_mark};
use spot_view::result::Story;
use spot_view::states::Written;
use spot_view::{Markup, evidence, panel, plain_lines, states, tables, text};

use crate::case::Case;
use crate::{Error, Result};

pub(crate) fn both(html: Markup, plain: String) -> Bundle {
    Bundle::html(html.into_string()).with("text/plain", plain)
}

/// What a save wrote.
pub(crate) fn saved(about: &str, saved: &Saved) -> Bundle {
    let written: Vec<Written> = saved
        .artefacts
        .iter()
        .map(|artefact| Written {
            artefact: artefact.name.clone(),
            path: artefact.path.clone(),
            rows: artefact.rows,
        })
        .collect();
    let mut plain = format!("Saved {about}.");
    for one in &written {
        plain.push_str(&format!("\n{}: {} in {}", one.artefact, one.rows, one.path));
    }
    both(states::saved(about, &written), visible(&plain))
}

/// What reports were written, the suspects ranked.
pub(crate) fn reports<C: Case>(bench: &Bench<C>, done: &Done) {
    let text = format!("Reports: {}, in {}", done.summary(), done.page.display());
    display::show(note(&text));
    let ranked: Vec<Ranked<'_>> = done
        .lines
        .iter()
        .map(|(line, _)| Ranked {
            about: &line.about,
            high_rows: line.high_rows,
            rows: line.rows,
            reasons: &line.reasons,
        })
        .collect();
    if !ranked.is_empty() {
        let html = evidence::ranking(&ranked, bench.settings().top_results);
        let lines = ranked.iter().map(|one| {
            let why: Vec<String> = one.reasons.iter().map(evidence::words).collect();
            format!("{}: {}", one.about, why.join("; "))
        });
        let plain = lines.collect::<Vec<_>>().join("\n");
        display::show(both(html, visible(&plain)));
    }
    for (about, why) in &done.failed {
        display::show(error(&Error::Use(format!("No report about {about}: {why}"))));
    }
}

pub(crate) fn error(error: &Error) -> Bundle {
    let text = error.to_string();
    both(panel::alert(&text), visible(&text))
}

/// A quiet line.
pub(crate) fn note(text: &str) -> Bundle {
    both(panel::note(text), visible(text))
}

/// A saved story, for the pages that show one.
pub(crate) fn story_of<A>(comment: &Comment<A>) -> Story<'_> {
    Story { title: &comment.title, text: &comment.text, saved_at: None }
}

/// A finding as one output, with its saved story.
pub(crate) fn finding<A>(html: Markup, mut plain: String, story: Option<&Comment<A>>) -> Bundle {
    if let Some(story) = story {
        plain.push_str(&text::story(&story_of(story)));
    }
    both(html, plain)
}

/// The saved story about an anchor, or how to save one.
pub(crate) fn story<A>(pipeline: Pipeline, about: &str, story: Option<&Comment<A>>) {
    display::show(match story.map(story_of) {
        Some(story) => both(panel::story(about, &story), text::story(&story)),
        None => note(&format!(
            "No story is saved for {about}. To save one: \
             {}::save_threat_summary({about:?}, \"title\", \"comments\")?;",
            pipeline.name()
        )),
    });
}

/// Whom or what somebody scored high, as a table.
pub(crate) fn suspects<C: Case>(bench: &Bench<C>, suspects: &[C::Suspect]) -> Result<()> {
    let (one, many) = C::WORDS.counted;
    let day = spanned(bench);
    let title = format!("{} scored high on {day}", counted(suspects.len() as u64, one, many));
    let mut html = Markup::from_iter([panel::note(&title), C::table(suspects)]);
    let plain = suspects.iter().map(C::label).collect::<Vec<_>>().join("\n");
    let mut plain = format!("{title}\n{plain}");
    if let Some((table, text)) = days(bench)? {
        html.push(table);
        plain = format!("{plain}\n{text}");
    }
    display::show(both(html, plain));
    Ok(())
}

/// The day, and the range that it is the day of: `2016-07-08, of 2016-07-01 to 2016-07-08`.
pub(crate) fn spanned<C: Case>(bench: &Bench<C>) -> String {
    match bench.dates() {
        Some(dates) => format!("{}, of {dates}", bench.day()),
        None => bench.day().to_string(),
    }
}

/// Rows of each day of the range that was asked for, as a table and as text; nothing where none was.
pub(crate) fn days<C: Case>(bench: &Bench<C>) -> Result<Option<(Markup, String)>> {
    let Some(dates) = bench.dates() else { return Ok(None) };
    let days = bench.days_in(dates)?;
    Ok(Some((rows_per_day::table(&days, bench.day()), rows_per_day::text(&days, bench.day()))))
}

/// What the line of a suspect ends with.
pub(crate) fn label_end(high_rows: u64, flags: &[Flag], saved: bool) -> String {
    let saved = if saved { " · saved" } else { "" };
    // Not in front: who types an address into the list finds its line.
    let listed =
        if flags.is_empty() { String::new() } else { format!(" · {} listed", flag_mark(flags)) };
    format!("{}{listed}{saved}", counted(high_rows, "high row", "high rows"))
}

/// Shows columns of any polars frame as a table: the first `top` rows, and of how many.
///
/// Fails when a column is not there; the error names it.
pub fn display_results(cols: &[&str], dataframe: &DataFrame, top: usize) -> Result<()> {
    let unknown =
        |unknown: tables::UnknownColumn| Error::Use(format!("{unknown}. {}", unknown.help()));
    let html = tables::frame(dataframe, cols, top).map_err(unknown)?;
    let plain = text::frame(dataframe, cols, top).map_err(unknown)?;
    display::show(both(html, plain));
    Ok(())
}

/// A text for terminals: characters that nobody sees are shown by their number.
pub(crate) fn visible(text: &str) -> String {
    plain_lines(text).join("\n")
}
