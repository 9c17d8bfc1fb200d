use super::*;

#[test]
fn help_fits_80_columns_and_shows_examples() {
    Cli::command().debug_assert();
    let mut command = Cli::command();
    command.build();
    for path in [
        "",
        "plan",
        "apply",
        "pull-test",
        "check-trust",
        "review",
        "practice serve",
        "practice token",
    ] {
        let words = path.split_whitespace();
        let shown =
            words.fold(&mut command, |shown, name| shown.find_subcommand_mut(name).unwrap());
        let help = shown.render_long_help().to_string();
        assert!(help.contains("Example"), "{help}");
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn options_of_all_commands_stand_before_and_after_the_command() {
    let read = |args: &[&str]| Cli::try_parse_from(args.iter().copied()).unwrap();
    let cli = read(&["okteto-ecr", "--profile", "a", "plan", "--answers", "x", "--read-only"]);
    assert_eq!(cli.global.profile.as_deref(), Some("a"));
    assert!(cli.global.read_only);
    let cli = read(&["okteto-ecr", "apply", "--answers", "x", "--confirm", "a", "--confirm", "b"]);
    let Some(Command::Apply(apply)) = cli.command else { unreachable!() };
    assert_eq!(apply.confirm, ["a", "b"]);
    assert!(!apply.yes);
    assert!(Cli::try_parse_from(["okteto-ecr", "plan"]).is_err());
}

#[test]
fn practice_has_its_own_login_and_endpoints() {
    let read = |line: &str| Cli::read(line.split(' '));
    assert!(read("x --practice --read-only --mask --ascii").unwrap().practises());
    for (line, named) in [
        ("x --practice --profile a", "--profile"),
        ("x --region us-east-2 --practice", "--region"),
        ("x --practice --endpoint-url http://127.0.0.1:1", "--endpoint-url"),
        ("x --practice --registry-endpoint http://127.0.0.1:1", "--registry-endpoint"),
        ("x --practice --issuer-endpoint http://127.0.0.1:1", "--issuer-endpoint"),
        ("x practice serve --profile a", "--profile"),
        ("x --endpoint-url http://127.0.0.1:1 practice token", "--endpoint-url"),
        ("x --practice plan --answers a", "practice serve"),
        ("x plan --answers a --practice", "practice serve"),
        ("x info --practice", "practice serve"),
        ("x --format json practice serve", "--format"),
    ] {
        let told = read(line).unwrap_err();
        assert_eq!(told.exit_code(), 2, "{line}");
        assert!(told.to_string().contains(named), "{line}: {told}");
    }
    assert!(!read("x plan --answers a --nonsense").unwrap_err().to_string().contains("serve"));
}

#[test]
fn the_format_may_stand_before_the_command() {
    let read = |line: &str| Cli::read(line.split(' '));
    for (line, json) in [
        ("x --format json info", true),
        ("x --format json plan --answers a", true),
        ("x info --format json", true),
        ("x --format okteto plan --answers a", false),
        ("x info", false),
    ] {
        assert_eq!(read(line).unwrap().command.unwrap().is_json(), json, "{line}");
    }
    for line in ["x --format okteto info", "x --format nonsense info", "x --format json"] {
        assert_eq!(read(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn a_review_without_a_format_is_the_screen_and_takes_nothing_of_the_print() {
    let read = |line: &str| Cli::read(line.split(' '));
    for (line, wanted) in [
        ("x review", None),
        ("x review --accepted a.toml --read-only", None),
        ("x review --format csv --fail-on low --baseline b --role r --role s", Some("Csv")),
        ("x --format sarif review --role r", Some("Sarif")),
    ] {
        let Some(Command::Review(args)) = read(line).unwrap().command else { unreachable!() };
        assert_eq!(args.format.map(|format| format!("{format:?}")).as_deref(), wanted, "{line}");
    }
    for (line, named) in [
        ("x review --fail-on high", "--fail-on"),
        ("x review --baseline b", "--baseline"),
        ("x review --role r", "--role"),
        ("x review --format okteto", "okteto"),
        ("x --practice review", "practice serve"),
    ] {
        let told = read(line).unwrap_err();
        assert_eq!(told.exit_code(), 2, "{line}");
        assert!(told.to_string().contains(named), "{line}: {told}");
    }
}

#[test]
fn practice_takes_a_file_but_no_command() {
    let read = |line: &str| Cli::read(line.split(' '));
    let cli = read("x --practice own.toml --ascii").unwrap();
    assert_eq!(cli.exercises(), Some(Path::new("own.toml")));
    assert!(cli.practises() && cli.command.is_none() && cli.global.ascii);
    for line in ["x --practice", "x --practice --mask", "x"] {
        assert_eq!(read(line).unwrap().exercises(), None, "{line}");
    }
    // `src` is no command, and `tests` is none either.
    assert_eq!(read("x --practice src").unwrap().exercises(), Some(Path::new("src")));
    for line in [
        "x --practice review",
        "x --practice info",
        "x --practice review --format csv",
        "x --practice undo run",
        "x --practice own.toml info",
        "x --mask --practice practice serve",
    ] {
        let told = read(line).unwrap_err();
        assert_eq!(told.exit_code(), 2, "{line}");
        assert!(told.to_string().contains("practice serve"), "{line}: {told}");
    }
    let two = read("x --practice a.toml b.toml").unwrap_err();
    assert!(!two.to_string().contains("practice serve"), "{two}");
    assert_eq!(read("x --practice review --help").unwrap_err().exit_code(), 0);
}
