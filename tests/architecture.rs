//! Holds the house together: who may import whom, how large a file may grow, who may look at a secret.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// A room under `src`: its name, the rooms it may use beside itself, and the foreign crates it must not
    /// (`aws_` stands for every crate of the SDK).
    type Room = (&'static str, &'static [&'static str], &'static [&'static str]);

    const SCREEN: &[&str] = &["ratatui", "crossterm"];
    const NO_SCREEN_NO_AWS: &[&str] = &["ratatui", "crossterm", "aws_"];
    const PURE: &[&str] =
        &["tokio", "ratatui", "crossterm", "aws_", "reqwest", "clap", "futures_util", "tui_input"];

    const HOUSE: &[Room] = &[
        ("domain", &[], PURE),
        ("clock", &[], PURE),
        ("ports", &["domain"], &["tokio", "ratatui", "crossterm", "aws_", "reqwest"]),
        ("app", &["domain", "render"], &["tokio", "ratatui", "crossterm", "aws_", "reqwest"]),
        ("engine", &["app", "ports", "domain", "clock", "render"], NO_SCREEN_NO_AWS),
        ("web", &["ports", "domain", "clock"], NO_SCREEN_NO_AWS),
        ("aws", &["ports", "domain", "web", "clock"], SCREEN),
        ("registry", &["ports", "domain", "web"], NO_SCREEN_NO_AWS),
        ("discovery", &["ports", "domain", "web"], NO_SCREEN_NO_AWS),
        ("cluster", &["ports", "domain"], NO_SCREEN_NO_AWS),
        ("ledger", &["ports", "domain"], NO_SCREEN_NO_AWS),
        ("render", &["domain"], PURE),
        ("ui", &["app", "domain", "render"], &["tokio", "aws_", "reqwest"]),
        ("terminal", &["app"], &["aws_", "reqwest"]),
        (
            "headless",
            &["app", "engine", "ports", "domain", "render", "ledger", "cli", "practice"],
            NO_SCREEN_NO_AWS,
        ),
        (
            "shell",
            &["app", "engine", "ui", "terminal", "follow", "ports", "domain", "clock"],
            &["aws_", "reqwest"],
        ),
        ("follow", &["app", "ui", "terminal", "domain"], &["aws_", "reqwest"]),
        ("practice", &["ports", "domain", "clock", "web"], NO_SCREEN_NO_AWS),
        ("cli", &["domain"], NO_SCREEN_NO_AWS),
    ];

    /// Where everything is put together.
    const FREE: &[&str] = &["main", "lib", "wiring"];

    /// Who may look at a secret, and what for.
    const KNOWS_SECRETS: &[(&str, &str)] = &[
        ("domain/secret.rs", "defines them"),
        ("domain/claims.rs", "reads the claims of a token"),
        ("aws/", "sends the token to STS, the session with its own calls"),
        ("registry/mod.rs", "sends the login to the registry"),
        ("headless/practice.rs", "prints the made-up key and tokens"),
        (
            "cluster/mod.rs",
            "writes the Secret that holds an access key to kubectl's standard input",
        ),
        ("cluster/secret.rs", "puts that Secret together"),
        ("ledger/key.rs", "writes an access key to the file that was chosen for it"),
        ("shell.rs", "hands a secret over to the terminal's clipboard, when it is asked to"),
        (
            "app/steps/practice/exports.rs",
            "covers the made-up key among the lines for another terminal, until it is asked for",
        ),
        ("ui/screens/rotation.rs", "draws the secret that the operator has just uncovered"),
        (
            "main.rs",
            "shows a new access key to whoever sits at the terminal, where that was chosen",
        ),
        ("engine/jobs/exercise.rs", "writes the made-up token that an exercise left lying about"),
        ("engine/jobs/probe/", "holds the claims against what was meant"),
        (
            "practice/account/",
            "keeps the made-up keys and tokens, and holds what it is shown against them",
        ),
        (
            "practice/classroom/printed.rs",
            "shows the made-up token to the account that it answers from",
        ),
        ("practice/wire/sigv4.rs", "computes the signature that a request must bear"),
        ("practice/wire/issuer.rs", "hands out the token that it was asked to mint"),
    ];

    /// Files that are one table.
    const TABLES: &[&str] = &[];
    const LIMIT: usize = 600;

    struct Source {
        /// Relative to `src`.
        name: String,
        room: String,
        text: String,
        /// Without comments and without the tests at its end.
        code: String,
    }

    fn sources() -> Vec<Source> {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        collect(&src, &mut files);
        files.sort();
        assert!(files.len() > 20, "the sources were not found");
        files
            .into_iter()
            .map(|file| {
                let name = file.strip_prefix(&src).expect("under src").display().to_string();
                let text = std::fs::read_to_string(&file).expect("text");
                let room = name.split(['/', '.']).next().unwrap_or_default().to_owned();
                let code = if is_test(&name) { String::new() } else { code(&text) };
                Source { name, room, text, code }
            })
            .collect()
    }

    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(path);
            }
        }
    }

    fn is_test(name: &str) -> bool {
        name.ends_with("/tests.rs") || name.contains("/tests/")
    }

    /// The lines of code: no comments, and nothing after `#[cfg(test)]` but what it does not cover.
    fn code(text: &str) -> String {
        let mut code = String::new();
        let mut in_test = false;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            if line.trim() == "#[cfg(test)]" {
                in_test = true;
            } else if in_test && line.contains('{') {
                return code;
            } else if in_test {
                in_test = !line.contains(';');
            } else {
                code.push_str(line);
                code.push('\n');
            }
        }
        code
    }

    /// The words that follow `crate::`, also in a group.
    fn own(code: &str) -> BTreeSet<String> {
        let mut rooms = BTreeSet::new();
        for (_, rest) in
            code.match_indices("crate::").map(|(at, word)| code.split_at(at + word.len()))
        {
            let Some(group) = rest.strip_prefix('{') else {
                rooms.insert(word(rest));
                continue;
            };
            let mut depth = 0;
            let mut start = true;
            for (at, character) in group.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    _ if start && character.is_alphabetic() => {
                        rooms.insert(word(group.split_at(at).1));
                        start = false;
                    }
                    _ => {}
                }
            }
        }
        rooms
    }

    /// The first words of all other paths.
    fn foreign(code: &str) -> BTreeSet<String> {
        let before = |at: usize| code.split_at(at).0;
        let paths = code.match_indices("::").map(|(at, _)| before(at));
        paths
            .map(|head| {
                let tail = head.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
                head.split_at(tail.len()).1.to_owned()
            })
            .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            .collect()
    }

    fn word(text: &str) -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    }

    fn is_barred(used: &str, bar: &str) -> bool {
        const SDK: [&str; 7] =
            ["config", "sdk_", "smithy_", "types", "credential_", "runtime", "sigv4"];
        match bar {
            "aws_" => used
                .strip_prefix(bar)
                .is_some_and(|rest| SDK.iter().any(|part| rest.starts_with(part))),
            "ratatui" => used == bar || used.starts_with("ratatui_"),
            _ => used == bar,
        }
    }

    #[test]
    fn every_room_uses_only_what_it_may() {
        let mut wrong = Vec::new();
        for source in sources() {
            if FREE.contains(&source.room.as_str()) {
                continue;
            }
            let Some((room, may, must_not)) =
                HOUSE.iter().find(|(room, _, _)| *room == source.room)
            else {
                wrong.push(format!(
                    "{}: its room is not in the table of tests/architecture.rs",
                    source.name
                ));
                continue;
            };
            let items = |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase());
            for used in own(&source.code).iter().filter(|name| items(name)) {
                if used != room && !may.contains(&used.as_str()) {
                    wrong.push(format!(
                        "{} uses crate::{used}; {room} may use {may:?}",
                        source.name
                    ));
                }
            }
            for used in foreign(&source.code) {
                if must_not.iter().any(|bar| is_barred(&used, bar)) {
                    wrong.push(format!("{} uses {used}, which {room} must not", source.name));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn files_stay_small() {
        let large: Vec<String> = sources()
            .iter()
            .filter(|source| !is_test(&source.name) && !TABLES.contains(&source.name.as_str()))
            .map(|source| (source.name.clone(), source.text.lines().count()))
            .filter(|(_, lines)| *lines > LIMIT)
            .map(|(name, lines)| format!("{name} has {lines} lines, {LIMIT} is the limit"))
            .collect();
        assert!(large.is_empty(), "\n{}", large.join("\n"));
    }

    #[test]
    fn few_look_at_secrets() {
        let wrong: Vec<String> = sources()
            .iter()
            .filter(|source| {
                ["expose_secret(", ".expose()", "expose_secret_mut("]
                    .iter()
                    .any(|call| source.code.contains(call))
            })
            .map(|source| source.name.clone())
            .filter(|name| !KNOWS_SECRETS.iter().any(|(known, _)| name.starts_with(known)))
            .collect();
        assert!(wrong.is_empty(), "these look at a secret, and are not known for it: {wrong:?}");
    }

    #[test]
    fn nothing_is_left_for_later() {
        let wrong: Vec<String> = sources()
            .iter()
            .filter(|source| {
                ["todo!(", "unimplemented!(", "unwrap_or_else(|| todo"]
                    .iter()
                    .any(|mark| source.code.contains(mark))
            })
            .map(|source| source.name.clone())
            .collect();
        assert!(wrong.is_empty(), "not done yet: {wrong:?}");
    }

    /// The scanner itself finds what it looks for.
    #[test]
    fn the_scanner_sees_paths() {
        let code = code(
            "use crate::{domain::arn::{A, B}, ports};\nuse tokio::sync; // crate::ui\n#[cfg(test)]\nmod tests;\n\
             fn f() { crate::engine::x(); aws_sdk_iam::y(); Vec::<u8>::new(); }\n#[cfg(test)]\nmod t { use crate::aws; }",
        );
        let own: Vec<String> = own(&code).into_iter().collect();
        assert_eq!(own, ["domain", "engine", "ports"]);
        let foreign = foreign(&code);
        assert!(foreign.contains("tokio") && foreign.contains("aws_sdk_iam"), "{foreign:?}");
        assert!(!foreign.contains("Vec"));
    }
}
