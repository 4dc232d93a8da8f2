//! Processes that this one has started, as `/proc` tells.

use std::fs;

/// Programs that a compilation consists of.
const COMPILERS: [&str; 2] = ["cargo", "rustc"];

struct Process {
    id: i32,
    parent: i32,
    name: String,
}

/// Ends the compilations that run below this process; gives how many processes that were.
pub fn end_compilations() -> usize {
    let below = below(std::process::id().cast_signed());
    let compilers = below.iter().filter(|process| COMPILERS.contains(&process.name.as_str()));
    compilers.map(|process| kill(process.id)).filter(|killed| *killed).count()
}

/// Ends all processes below this one.
pub fn end_all() {
    for process in below(std::process::id().cast_signed()) {
        kill(process.id);
    }
}

fn kill(id: i32) -> bool {
    // SAFETY: sends a signal to a process below this one.
    unsafe { libc::kill(id, libc::SIGKILL) == 0 }
}

/// All processes that have `root` among their ancestors.
fn below(root: i32) -> Vec<Process> {
    let mut others = all();
    let mut found: Vec<Process> = Vec::new();
    loop {
        let (new, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|process| {
            process.parent == root || found.iter().any(|known| known.id == process.parent)
        });
        if new.is_empty() {
            return found;
        }
        found.extend(new);
        others = rest;
    }
}

fn all() -> Vec<Process> {
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    folders
        .filter_map(|folder| parse(&fs::read_to_string(folder.path().join("stat")).ok()?))
        .collect()
}

/// Reads `ID (NAME) STATE PARENT ..`; a name may hold blanks and brackets.
fn parse(stat: &str) -> Option<Process> {
    let (id, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let parent = rest.split(' ').nth(1)?;
    Some(Process { id: id.parse().ok()?, parent: parent.parse().ok()?, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_below_and_its_child_too() {
        let mut shell = std::process::Command::new("sh")
            .args(["-c", "sleep 60 & wait"])
            .spawn()
            .expect("a shell is there");
        let me = std::process::id().cast_signed();
        let sleeps = || {
            below(me).iter().any(|process| {
                process.name == "sleep" && process.parent == shell.id().cast_signed()
            })
        };
        while !sleeps() {
            std::thread::yield_now();
        }
        let sleep: Vec<i32> =
            below(me).iter().filter(|p| p.name == "sleep").map(|p| p.id).collect();
        sleep.into_iter().for_each(|id| assert!(kill(id)));
        shell.wait().expect("the shell ends with what it waits for");
    }

    #[test]
    fn names_may_hold_anything() {
        let process = parse("7 (a) b (c) S 3 7 7 0").expect("well formed");
        assert_eq!((process.id, process.parent, process.name.as_str()), (7, 3, "a) b (c"));
        assert!(parse("").is_none());
    }
}
