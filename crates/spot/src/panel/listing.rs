//! What the Edge Investigation lists: the rows that machine learning found unlikely or, where it was not
//! run, what looks odd to a ranking of our own.

use evcxr_widgets::display::Bundle;
use spot_analysis::rank::{Hidden, Ranked};
use spot_analysis::unlikely::Rated;
use spot_store::Bench;
use spot_view::{Markup, format, panel as words, unlikely};

use super::edge::{Edge, MOST};
use crate::Result;
use crate::show::{both, note};

/// The lines of a day.
pub(crate) enum Listing<C: Edge> {
    /// Machine learning's.
    Unlikely(Vec<C::Row>),
    /// Ours.
    Ranked {
        /// The first ones, each with what was said of it last.
        lines: Vec<(Ranked, Option<Rated>)>,
        /// What was hidden, and what could not be read.
        notes: Vec<String>,
    },
}

impl<C: Edge> Listing<C> {
    pub(crate) fn read(bench: &Bench<C>) -> Result<Self> {
        let rows = C::unlikely(bench, MOST)?;
        if !rows.is_empty() {
            return Ok(Self::Unlikely(rows));
        }
        let Hidden { ranking, hidden, because, notes } = C::rank(bench)?;
        let ratings = C::ratings(bench)?;
        let looked = format::count(ranking.looked_at as u64);
        let all = ranking.ranked.len();
        let mut told = vec![format!(
            "Nobody has run machine learning on {}: this is a ranking of our own, {} of {looked} looked at. A \
             score is a reason to look, no verdict.",
            bench.day(),
            format::of(all.min(MOST), all as u64),
        )];
        if hidden > 0 {
            told.push(format!("{hidden} hidden by allow.csv: {}", because.join("; ")));
        }
        told.extend(notes.into_iter().chain(ranking.notes));
        let lines = ranking.ranked.into_iter().take(MOST).map(|ranked| {
            let rated = ratings.of(&ranked.subject).cloned();
            (ranked, rated)
        });
        Ok(Self::Ranked { lines: lines.collect(), notes: told })
    }

    /// The same lines with what was said since: a day is not ranked anew for each score.
    pub(crate) fn again(&self, bench: &Bench<C>) -> Result<Self> {
        let Self::Ranked { lines, notes } = self else { return Self::read(bench) };
        let ratings = C::ratings(bench)?;
        let lines = lines.iter().map(|(ranked, _)| {
            let rated = ratings.of(&ranked.subject).cloned();
            (ranked.clone(), rated)
        });
        Ok(Self::Ranked { lines: lines.collect(), notes: notes.clone() })
    }

    /// Each line, and whether it is rated.
    pub(crate) fn labels(&self) -> Vec<(String, bool)> {
        match self {
            Self::Unlikely(rows) => {
                rows.iter().map(|row| (C::row_line(row), C::is_rated(row))).collect()
            }
            Self::Ranked { lines, .. } => {
                let label = |(ranked, rated): &(Ranked, Option<Rated>)| {
                    (unlikely::ranked_label(ranked, rated.as_ref()), rated.is_some())
                };
                lines.iter().map(label).collect()
            }
        }
    }

    /// What a score of a line is about; `end` is one of [`Edge::ENDS`].
    pub(crate) fn of(&self, bench: &Bench<C>, line: usize, end: &str) -> Result<Vec<C::Filter>> {
        match self {
            Self::Unlikely(rows) => {
                Ok(rows.get(line).map(|row| C::of(row, end)).into_iter().collect())
            }
            Self::Ranked { lines, .. } => match lines.get(line) {
                Some((ranked, _)) => C::of_subject(bench, &ranked.subject),
                None => Ok(Vec::new()),
            },
        }
    }

    /// Whether a line itself says what a score of it is about.
    pub(crate) fn is_ranked(&self) -> bool {
        matches!(self, Self::Ranked { .. })
    }

    /// The reason that a score of a line has of itself.
    pub(crate) fn why(&self, line: usize) -> Option<String> {
        let Self::Ranked { lines, .. } = self else { return None };
        unlikely::strongest(&lines.get(line)?.0).map(str::to_owned)
    }

    /// An output that stays: the table, and the same as text.
    pub(crate) fn bundle(&self, bench: &Bench<C>) -> Bundle {
        let labels: Vec<String> = self.labels().into_iter().map(|(label, _)| label).collect();
        let top = bench.settings().top_results;
        let text = unlikely::text(&labels, top);
        match self {
            Self::Unlikely(rows) => both(C::rows_table(rows, top), text),
            Self::Ranked { lines, notes } if lines.is_empty() => {
                note(&[&[nothing(bench)], &notes[..]].concat().join(" "))
            }
            Self::Ranked { lines, notes } => {
                let mut html: Vec<Markup> = notes.iter().map(|text| words::note(text)).collect();
                html.push(unlikely::ranking(lines, top));
                let notes: Vec<String> = notes.iter().map(|text| spot_view::plain(text)).collect();
                both(html.into_iter().collect(), format!("{}\n{text}", notes.join("\n")))
            }
        }
    }
}

/// Said of a day that has nothing to list.
pub(crate) fn nothing<C: Edge>(bench: &Bench<C>) -> String {
    let (table, name) = (C::PIPELINE.scores().name(), C::PIPELINE.name());
    format!(
        "`{table}` has no rows of {}, and nothing looks odd. Score what you know with `spot score {name}`, by \
         hand or from a list of indicators.",
        bench.day()
    )
}
