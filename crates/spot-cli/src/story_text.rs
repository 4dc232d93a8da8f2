//! Stories for people at a terminal.

use spot_store::manifest::{Deletions, Manifest};
use spot_store::verify::Verified;
use spot_store::{Exported, Gone, Told};

use crate::story::deleted_lines;
use crate::text::Lines;
use crate::verify::Fault;

/// One line a story.
pub fn stories(told: &[Told]) -> String {
    let mut out = Lines::default();
    if told.is_empty() {
        out.line("No story is saved.");
        return out.0;
    }
    let days = told.iter().map(|told| told.day).collect::<std::collections::BTreeSet<_>>().len();
    let (stories, days) = (counted(told.len(), "story", "stories"), counted(days, "day", "days"));
    out.line(format_args!("{stories} on {days}"));
    out.line("");
    let rows: Vec<_> = told.iter().map(line).collect();
    out.table(["DATE", "TYPE", "ANCHOR", "TITLE", "AUTHOR", "UPDATED", "REVISION", "ROWS"], &rows);
    out.0
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn line(told: &Told) -> [String; 8] {
    let of = |value: &dyn Fn(&Manifest) -> Option<String>| {
        told.manifest.as_ref().and_then(value).unwrap_or_default()
    };
    [
        told.day.to_string(),
        told.anchor.kind().to_owned(),
        told.anchor.as_str().to_owned(),
        told.title.clone(),
        of(&|manifest| manifest.author.clone()),
        of(&|manifest| manifest.updated.clone()),
        of(&|manifest| Some(manifest.revision.to_string())),
        of(&|manifest| Some(manifest.inputs.rows.to_string())),
    ]
}

/// Stories that are no longer in the list.
pub fn deletions(deletions: &[Deletions], reset: &[Told]) -> String {
    let mut out = Lines::default();
    let rows = deleted_lines(deletions);
    out.line("");
    out.line(format_args!("{} deleted", counted(rows.len(), "story was", "stories were")));
    if !rows.is_empty() {
        out.line("");
        out.table(["DATE", "TYPE", "ANCHOR", "TITLE", "DELETED", "BY"], &rows);
    }
    if !reset.is_empty() {
        out.line("");
        let stories = counted(reset.len(), "story", "stories");
        out.line(format_args!(
            "A reset, or somebody, took {stories} from the list; the files are there"
        ));
        out.line("");
        let rows: Vec<_> = reset.iter().map(line).collect();
        let head = ["DATE", "TYPE", "ANCHOR", "TITLE", "AUTHOR", "UPDATED", "REVISION", "ROWS"];
        out.table(head, &rows);
    }
    out.0
}

/// All of one story.
pub fn story(told: &Told) -> String {
    let mut out = Lines::default();
    out.line(&told.title);
    out.line(format_args!("{} {} on {}", told.anchor.kind(), told.anchor.as_str(), told.day));
    out.line("");
    out.line(&told.text);
    out.line("");
    if !told.live {
        out.line("It is not in the list: a reset took it out, or somebody did.");
    }
    if let Some(fault) = &told.fault {
        out.line(format_args!("Its own file cannot be read: {fault}"));
    }
    let Some(manifest) = &told.manifest else {
        match (told.is_ours(), told.fault.is_some()) {
            (_, true) => {}
            (true, _) => out.line("Its own file is missing; nothing more is known."),
            (false, _) => out.line("Another program saved it; nothing more is known."),
        }
        return out.0;
    };
    let unknown = || "unknown".to_owned();
    let facts = [
        ("author", manifest.author.clone().unwrap_or_else(unknown)),
        ("created", manifest.created.clone().unwrap_or_else(unknown)),
        ("updated", manifest.updated.clone().unwrap_or_else(unknown)),
        ("revision", manifest.revision.to_string()),
        ("search", manifest.inputs.filter.clone()),
        ("rows", format!("{} of {}", manifest.inputs.rows, manifest.inputs.scanned)),
    ];
    out.table(["", ""], &facts.map(|(name, value)| [name.to_owned(), value]));
    out.line("");
    out.line("Counts");
    let counts = manifest.counts.as_object().into_iter().flatten();
    let counts: Vec<_> = counts.map(|(name, value)| [name.clone(), value.to_string()]).collect();
    out.table(["", ""], &counts);
    out.line("");
    out.line(format_args!("{} read", counted(manifest.inputs.files.len(), "file", "files")));
    let inputs: Vec<_> = manifest
        .inputs
        .files
        .iter()
        .map(|file| {
            [
                file.path.clone(),
                file.size.to_string(),
                file.rows.map(|rows| rows.to_string()).unwrap_or_default(),
                file.min_ts.clone().unwrap_or_default(),
                file.max_ts.clone().unwrap_or_default(),
                file.sha256.clone().unwrap_or_default(),
            ]
        })
        .collect();
    out.table(["PATH", "BYTES", "ROWS", "FIRST", "LAST", "SHA-256"], &inputs);
    if !manifest.query.context.is_empty() {
        out.line("");
        out.line("Context files");
        let files = manifest.query.context.iter();
        let files: Vec<_> = files.map(|file| [file.name.clone(), file.sha256.clone()]).collect();
        out.table(["NAME", "SHA-256"], &files);
    }
    out.line("");
    let written = counted(manifest.artefacts.len(), "file", "files");
    out.line(format_args!("{written} written"));
    let written = manifest.artefacts.iter().map(|artefact| {
        [artefact.path.clone(), artefact.rows.to_string(), artefact.sha256.clone()]
    });
    out.table(["PATH", "ROWS", "SHA-256"], &written.collect::<Vec<_>>());
    for note in &manifest.notes {
        out.line(format_args!("note: {note}"));
    }
    if !manifest.previous.is_empty() {
        out.line("");
        out.line("Earlier revisions");
        for earlier in &manifest.previous {
            let by = earlier.author.as_deref().unwrap_or("unknown");
            let saved = earlier.saved.as_deref().unwrap_or("unknown");
            out.line(format_args!(
                "{} by {by}, saved {saved}: {}",
                earlier.revision, earlier.title
            ));
            for line in earlier.text.lines() {
                out.line(format_args!("    {line}"));
            }
        }
    }
    out.0
}

/// What an export wrote.
pub fn exported(told: &Told, exported: &Exported) -> String {
    let mut out = Lines::default();
    out.line(format_args!(
        "{} on {}: {} of {} rows",
        told.anchor.as_str(),
        told.day,
        exported.written,
        exported.rows
    ));
    for file in &exported.files {
        out.line(format_args!("  {}", file.display()));
    }
    out.0
}

/// What a deletion did.
pub fn deleted(told: &Told, gone: &Gone) -> String {
    let mut out = Lines::default();
    out.line(format_args!("Deleted `{}` of {} on {}.", gone.title, told.anchor.as_str(), told.day));
    out.line(format_args!("{} tells of it.", gone.record.display()));
    if gone.uncovered {
        out.line("An older story of it in the data folder shows again.");
    }
    out.0
}

/// What verifications found: a line a story, then what differs.
pub fn verified(verified: &[Verified], faults: &[Fault]) -> String {
    let mut out = Lines::default();
    if verified.is_empty() && faults.is_empty() {
        out.line("0 stories: there is nothing to verify.");
    }
    for one in verified {
        let end = match one.differing {
            0 => "all agree".to_owned(),
            1 => "1 differs".to_owned(),
            count => format!("{count} differ"),
        };
        let revision = one.revision.map(|number| format!(", revision {number}"));
        out.line(format_args!(
            "{} {} on {}{}: {} input files, {} values, {} artefacts: {end}",
            one.anchor.kind(),
            one.anchor.as_str(),
            one.day,
            revision.unwrap_or_default(),
            one.inputs,
            one.values,
            one.artefacts,
        ));
        for note in &one.notes {
            out.line(format_args!("  note: {note}"));
        }
        if one.differences.is_empty() {
            continue;
        }
        out.line("");
        let rows = one.differences.iter().map(|d| [d.what.clone(), d.then.clone(), d.now.clone()]);
        out.table(["WHAT", "THEN", "NOW"], &rows.collect::<Vec<_>>());
        if (one.differences.len() as u64) < one.differing {
            let shown = one.differences.len();
            out.line(format_args!("Displaying {shown} of {} differences.", one.differing));
        }
        out.line("");
    }
    for Fault { of, why } in faults {
        out.line(format_args!("{of}: cannot be verified"));
        why.to_string().lines().for_each(|line| out.line(format_args!("  {}", line.trim())));
        out.line("");
    }
    out.0
}
