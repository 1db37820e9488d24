//! The layout of `src/`: rooms import only downward, and Node is named in one place.
//!
//! It reads the sources as text. What it looks for is named once, in [`FLOORS`] and in the tests below; a breach is told
//! with its file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src/limiter/`, from the ground up. A room may import those of the floors below its own.
const FLOORS: [&[&str]; 6] = [
    &["types", "timer"],
    &["adaptive", "reserve"],
    &["stats"],
    &["policy"],
    &["futures", "shared"],
    &["service", "tasks"],
];

/// A line of a source file: its path within `src/`, its number, and its text.
struct Line {
    path: PathBuf,
    number: usize,
    text: String,
}

impl Line {
    /// The text without a comment. (No string in `src/` holds `//` and a path of a module.)
    fn code(&self) -> &str {
        self.text.split("//").next().unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("{}:{}: {}", self.path.display(), self.number, self.text.trim())
    }
}

fn sources() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap();
                lines.extend(text.lines().zip(1..).map(|(text, number)| Line {
                    path: path.to_owned(),
                    number,
                    text: text.to_owned(),
                }));
            }
        }
    }
    lines
}

/// The room of `src/limiter/` that a file lies in; none for `limiter/mod.rs`, which is the face of all.
fn room_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix("limiter").ok()?;
    let first = inside.iter().next()?.to_str()?.trim_end_matches(".rs");
    (first != "mod").then(|| first.to_owned())
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Whether a text has this word, and not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |part: char| part.is_alphanumeric() || part == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

/// The rooms that code in a room names by a path from the limiter, or from one of its own parents.
fn rooms_named(line: &Line) -> Vec<String> {
    let code = line.code();
    let depth = line.path.iter().count() - 2; // of the file's module below `limiter`
    let depth = depth + usize::from(line.path.file_name().is_some_and(|name| name != "mod.rs"));
    let mut prefixes = vec!["crate::limiter::".to_owned()];
    // From the room itself up to the limiter it takes as many steps as the module lies deep; tests are one deeper.
    prefixes.extend([depth, depth + 1].map(|steps| "super::".repeat(steps)));
    let after = |prefix: &str| {
        let starts: Vec<_> = code.match_indices(prefix).map(|(at, _)| at).collect();
        let whole = |&at: &usize| !code[..at].ends_with("super::") && !code[..at].ends_with("::");
        let named: Vec<String> = starts
            .into_iter()
            .filter(whole)
            .flat_map(|at| {
                let path = &code[at + prefix.len()..];
                let paths =
                    path.strip_prefix('{').map_or(vec![path], |many| many.split(',').collect());
                let word = |path: &str| {
                    let path = path.trim_start();
                    let end = path.find(|part: char| !part.is_alphanumeric() && part != '_');
                    path[..end.unwrap_or(path.len())].to_owned()
                };
                paths.into_iter().map(word).collect::<Vec<_>>()
            })
            .collect();
        named
    };
    // Nothing is named by `super::*`.
    prefixes.iter().flat_map(|prefix| after(prefix)).filter(|room| !room.is_empty()).collect()
}

#[test]
fn every_room_of_the_limiter_stands_on_one_floor() {
    let lines = sources();
    let mut rooms: Vec<_> = lines.iter().filter_map(|line| room_of(&line.path)).collect();
    rooms.sort();
    rooms.dedup();
    let mut listed = FLOORS.concat();
    listed.sort();
    assert_eq!(rooms, listed);
}

#[test]
fn rooms_import_only_downward() {
    let mut imports = 0;
    let mut upward = Vec::new();
    for line in sources() {
        let Some(room) = room_of(&line.path) else { continue };
        let floor = floor_of(&room).expect("every room stands on a floor");
        for other in rooms_named(&line).iter().filter(|&other| *other != room) {
            // What is no room is a name from the limiter's face, by which a room would reach any other.
            let below = floor_of(other).is_some_and(|other| other < floor);
            imports += usize::from(below);
            if !below {
                upward.push(line.place());
            }
        }
    }
    assert!(upward.is_empty(), "not downward:\n{}", upward.join("\n"));
    assert!(imports > 30, "{imports}: they are not found any more");
}

#[test]
fn the_limiter_and_the_pool_know_nothing_of_node() {
    let names = |line: &Line| has_word(&line.text, "napi") || has_word(&line.text, "crate::node");
    let inside = |line: &Line| line.path.starts_with("limiter") || line.path.starts_with("pool");
    let breaches: Vec<_> =
        sources().iter().filter(|&line| inside(line) && names(line)).map(Line::place).collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn napi_is_named_in_node_alone() {
    let lines = sources();
    let named: Vec<_> = lines.iter().filter(|line| has_word(&line.text, "napi")).collect();
    let (inside, outside): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|line| line.path.starts_with("node"));
    let outside: Vec<_> = outside.into_iter().map(Line::place).collect();
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    assert!(inside.len() > 20, "{}: it is not found any more", inside.len());
}

#[test]
fn a_breach_is_found() {
    let line = |path: &str, text: &str| Line { path: path.into(), number: 1, text: text.into() };
    let named = |path, text| rooms_named(&line(path, text));
    assert_eq!(named("limiter/types/lane.rs", "use crate::limiter::policy::Arbiter;"), ["policy"]);
    assert_eq!(named("limiter/types/lane.rs", "use super::super::shared::Registry;"), ["shared"]);
    assert_eq!(named("limiter/types/mod.rs", "pub use super::policy::Arbiter;"), ["policy"]);
    assert_eq!(named("limiter/timer.rs", "use super::policy::Arbiter;"), ["policy"]);
    assert_eq!(
        named("limiter/stats/mod.rs", "use crate::limiter::{policy::Arbiter, types};"),
        ["policy", "types"]
    );
    assert_eq!(named("limiter/types/lane.rs", "use super::error::Error;"), [""; 0]);
    assert_eq!(named("limiter/types/lane.rs", "// use crate::limiter::policy::Arbiter"), [""; 0]);
    assert!(has_word("use napi::sys;", "napi") && !has_word("rapid napier", "napi"));
    assert!(
        has_word("crate::node::wire", "crate::node") && !has_word("crate::nodes", "crate::node")
    );
}

#[test]
fn a_panic_in_a_call_from_javascript_becomes_an_exception() {
    let lines = sources();
    let mut calls = 0;
    let mut unguarded = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let attribute = line.code().trim();
        if !attribute.starts_with("#[napi") {
            continue;
        }
        let is_between = |line: &&Line| {
            let text = line.text.trim();
            text.starts_with("#[") || text.starts_with("//")
        };
        let item = lines[index + 1..].iter().find(|line| !is_between(line)).unwrap();
        if item.code().trim().starts_with("pub fn ") {
            calls += 1;
            if !attribute.contains("catch_unwind") {
                unguarded.push(item.place());
            }
        }
    }
    assert!(calls > 40, "only {calls} calls were found");
    assert_eq!(unguarded, Vec::<String>::new());
}
