//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::domain::finding::Severity;
use crate::domain::issuer::Issuer;
use crate::domain::key::KeyId;
use crate::domain::problem::Problem;
use crate::domain::subject::{Audience, Subject};

const ONLY_WIZARD: &str =
    "--practice opens the wizard; for commands and other tools run: okteto-ecr practice serve";

const EXAMPLES: &str = "\
Examples:
  okteto-ecr                                      the wizard
  okteto-ecr --practice                           the wizard on a made-up account
  okteto-ecr plan --answers answers.toml          see what would change
  okteto-ecr apply --answers answers.toml --yes   carry it out
  okteto-ecr pull-test --answers answers.toml     prove it with a live pull
  okteto-ecr check-trust trust-policy.json        judge a trust policy, offline

Exit codes:
  0 done, or nothing to do     1 failed or blocked, nothing was changed
  2 wrong use or bad answers   3 plan --exit-code: there are changes;
                                 check-trust: findings at --fail-on or above
  4 failed or stopped with changes made
  129, 130, 143 ended by a signal   70 a bug in the program";

/// Gives an Okteto instance pull access to a private Amazon ECR, and proves it.
///
/// Without a command the full-screen wizard starts, on the account that the AWS environment names.
#[derive(Debug, Parser)]
#[command(name = "okteto-ecr", version, after_help = EXAMPLES, max_term_width = 80)]
pub struct Cli {
    /// What to do; the wizard without it.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to print; stands before the command or after it
    #[arg(long, value_name = "FORMAT", help_heading = "Options of all commands")]
    format: Option<String>,
    /// Open the wizard on a made-up account inside this program; nothing
    /// leaves this machine
    #[arg(long)]
    pub practice: bool,
    /// What counts for all commands.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Reads a command line, its first word being the program's name.
    ///
    /// # Errors
    /// Wrong use, or a question for help or version: what to print, with its exit code.
    pub fn read<W: Into<OsString> + Clone>(
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, clap::Error> {
        let wrong = |why: String| Self::command().error(ErrorKind::InvalidValue, why);
        let matches = Self::command().try_get_matches_from(words).map_err(|error| {
            let unknown = ContextValue::String("--practice".to_owned());
            match error.get(ContextKind::InvalidArg) {
                Some(word) if *word == unknown => wrong(ONLY_WIZARD.to_owned()),
                _ => error,
            }
        })?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if cli.practice && cli.command.is_some() {
            return Err(wrong(ONLY_WIZARD.to_owned()));
        }
        if (cli.practice || matches!(cli.command, Some(Command::Practice(_))))
            && let Some(option) = elsewhere(&matches)
        {
            return Err(wrong(format!(
                "--{option} is for AWS; the practice account has its own login and endpoints"
            )));
        }
        if let Some(Command::CheckTrust(args)) = &cli.command
            && args.inputs().filter(|path| path.as_os_str() == "-").count() > 1
        {
            return Err(wrong(
                "standard input can be read only once; for example: check-trust trust-policy.json --claims -"
                    .to_owned(),
            ));
        }
        match (&cli.format, &mut cli.command) {
            (None, _) => {}
            (Some(word), Some(command)) => command.print_as(word).map_err(wrong)?,
            (Some(_), None) => return Err(wrong("--format is for commands that print".to_owned())),
        }
        Ok(cli)
    }
}

/// The first of the options that lead elsewhere than to the practice account, if one is on the command line. In the
/// environment they do no harm.
fn elsewhere(matches: &ArgMatches) -> Option<String> {
    let ours = ["profile", "region", "endpoint_url", "registry_endpoint", "issuer_endpoint"];
    let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let within = || elsewhere(matches.subcommand()?.1);
    ours.iter().find(|id| given(id)).map(|id| id.replace('_', "-")).or_else(within)
}

/// Options of all commands.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Global {
    /// The AWS profile to use
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS region to use
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Talk to this URL instead of AWS's own
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Talk to this URL instead of the registry's host
    #[arg(long, global = true, value_name = "URL", env = "OKTETO_ECR_REGISTRY_ENDPOINT")]
    pub registry_endpoint: Option<String>,
    /// Talk to this URL instead of the issuer's host
    #[arg(long, global = true, value_name = "URL", env = "OKTETO_ECR_ISSUER_ENDPOINT")]
    pub issuer_endpoint: Option<String>,
    /// Make no call that changes anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN",
          help = "When to use colours; auto heeds NO_COLOR", long_help = None)]
    pub color: Color,
    /// Draw with ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Mask account numbers on screen
    #[arg(long, global = true)]
    pub mask: bool,
    /// Keep answers and logs here
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where the terminal shows them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read AWS and print what would change; nothing is written
    Plan(PlanArgs),
    /// Carry out what plan prints
    Apply(ApplyArgs),
    /// Pull an image with the role or the user's key, live
    PullTest(PullTestArgs),
    /// Judge a trust policy offline: what is wrong, who gets in, does this
    /// token
    CheckTrust(CheckTrustArgs),
    /// Print version, paths, and what was found of AWS and the cluster
    Info(InfoArgs),
    /// The practice account for other tools
    Practice(PracticeArgs),
}

/// Text or JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts: one object.
    Json,
}

/// What a plan is printed as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people.
    #[default]
    Text,
    /// For scripts: one object.
    Json,
    /// A shell script of aws commands.
    AwsCli,
    /// Okteto's Registry object.
    Okteto,
}

/// `plan`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  okteto-ecr plan --answers answers.toml --format json")]
pub struct PlanArgs {
    /// The answers file
    #[arg(long, value_name = "FILE")]
    pub answers: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PlanFormat,
    /// Exit with 3 if there are changes
    #[arg(long)]
    pub exit_code: bool,
    /// About a user's keys.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// What is to become of a user's access keys.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyArgs {
    /// The next step of a rotation of the user's key: a second key; then the
    /// old one inactive; then the old one deleted. The last two want its id
    /// with --confirm
    #[arg(long)]
    pub rotate: bool,
    /// Delete this access key of the user, such as one whose secret was lost;
    /// wants its id with --confirm too
    #[arg(long, value_name = "KEY_ID", value_parser = KeyIds, conflicts_with = "rotate")]
    pub delete_key: Option<KeyId>,
    /// Make this inactive access key of the user active again; wants its id
    /// with --confirm too
    #[arg(long, value_name = "KEY_ID", value_parser = KeyIds, conflicts_with_all = ["rotate", "delete_key"])]
    pub restore_key: Option<KeyId>,
}

/// `apply`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  okteto-ecr apply --answers answers.toml --yes --confirm my-role"
)]
pub struct ApplyArgs {
    /// The answers file
    #[arg(long, value_name = "FILE")]
    pub answers: PathBuf,
    /// Say yes to what is new and ours
    #[arg(long)]
    pub yes: bool,
    /// Say yes to what was not made by this program, by its name (repeatable)
    #[arg(long, value_name = "NAME")]
    pub confirm: Vec<String>,
    /// Go on only if the plan is still the one of this hash
    #[arg(long, value_name = "HASH")]
    pub plan_hash: Option<String>,
    /// About a user's keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `pull-test`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  okteto-ecr pull-test --answers answers.toml --token-file -")]
pub struct PullTestArgs {
    /// The answers file
    #[arg(long, value_name = "FILE")]
    pub answers: PathBuf,
    /// Take the token from here (- for standard input), not from the cluster
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Take the user's access key from here (- for standard input), not from
    /// where its secret went
    #[arg(long, value_name = "FILE", conflicts_with = "token_file")]
    pub access_key_file: Option<PathBuf>,
    /// Something was just changed: wait so long for it to spread. Without it,
    /// two minutes from the last change that is known of
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub wait: Option<u64>,
    /// Do not try what must be refused: another audience, another service
    /// account, a push
    #[arg(long)]
    pub skip_refusals: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `check-trust`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    aws iam get-role --role-name my-role | okteto-ecr check-trust -\n  \
    okteto-ecr check-trust trust-policy.json --token-file token.jwt")]
pub struct CheckTrustArgs {
    /// The trust policy: a document, or a reply of aws iam get-role, also
    /// percent-encoded (- for standard input)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Decide about a token of these claims, a JSON object (- for standard
    /// input)
    #[arg(long, value_name = "FILE", conflicts_with = "token_file")]
    pub claims: Option<PathBuf>,
    /// Decide about this token (- for standard input); it is never printed
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// What the identity provider lists (repeatable)
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = audience)]
    pub provider_audiences: Vec<String>,
    /// The issuer that is meant
    #[arg(long, value_name = "URL", value_parser = issuer)]
    pub expect_issuer: Option<String>,
    /// The audience that is meant
    #[arg(long, value_name = "AUDIENCE", value_parser = audience)]
    pub expect_audience: Option<String>,
    /// The subject that is meant
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    pub expect_subject: Option<String>,
    /// Exit with 3 if a finding is as bad as this; error counts as high
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = fail_on())]
    pub fail_on: FailOn,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

impl CheckTrustArgs {
    /// Every file that is read.
    fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        [Some(&self.file), self.claims.as_ref(), self.token_file.as_ref()].into_iter().flatten()
    }
}

/// How bad a finding must be to count as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(Option<Severity>);

impl FailOn {
    /// Whether a finding of this severity counts.
    #[must_use]
    pub fn counts(self, severity: Severity) -> bool {
        self.0.is_some_and(|least| severity.rank() >= least.rank())
    }
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = Severity::ALL.map(Severity::word).into_iter().chain(["never"]);
    PossibleValuesParser::new(words)
        .map(|word| FailOn(Severity::ALL.into_iter().find(|severity| severity.word() == word)))
}

fn issuer(text: &str) -> Result<String, Problem> {
    Issuer::parse(text).map(|issuer| issuer.to_string())
}

/// Reads the id of an access key. Unlike other parsers it does not repeat what is none: it may be the secret.
#[derive(Debug, Clone, Copy)]
struct KeyIds;

impl TypedValueParser for KeyIds {
    type Value = KeyId;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<KeyId, clap::Error> {
        KeyId::parse(&value.to_string_lossy()).map_err(|problem| {
            let option = arg.map_or_else(String::new, |arg| format!(" for '{arg}'"));
            let message = format!("invalid value{option}: {problem}");
            command.clone().error(ErrorKind::ValueValidation, message)
        })
    }
}

fn audience(text: &str) -> Result<String, Problem> {
    Audience::parse(text).map(|audience| audience.to_string())
}

/// A service account's, or any other: what is meant need not be Kubernetes's.
fn subject(text: &str) -> Result<String, Problem> {
    if text.starts_with("system:") {
        return Subject::parse(text).map(|subject| subject.to_string());
    }
    let why = if text.is_empty() {
        "a subject is missing".to_owned()
    } else if let Some(bad) =
        text.chars().find(|c| c.is_whitespace() || c.is_control() || "*?".contains(*c))
    {
        format!("{bad:?} cannot stand in it")
    } else {
        return Ok(text.to_owned());
    };
    Err(Problem::new(
        why,
        "it is the sub claim of one token",
        "system:serviceaccount:okteto:okteto",
    ))
}

/// `info`
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `practice`
#[derive(Debug, Args)]
pub struct PracticeArgs {
    /// What of it.
    #[command(subcommand)]
    pub command: PracticeCommand,
}

/// The commands of the practice account.
#[derive(Debug, Subcommand)]
pub enum PracticeCommand {
    /// Serve it on loopback until interrupted; prints what to export
    Serve(ServeArgs),
    /// Print a service account token of the served cluster
    Token(TokenArgs),
}

/// `practice serve`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  okteto-ecr practice serve --export-file practice.sh\n  \
                  (in another terminal) . ./practice.sh; aws sts get-caller-identity")]
pub struct ServeArgs {
    /// Write the lines to this file too, once the account answers
    #[arg(long, value_name = "FILE")]
    pub export_file: Option<PathBuf>,
}

/// `practice token`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  okteto-ecr practice token --audience okteto.example.com/us-east-2"
)]
pub struct TokenArgs {
    /// The aud claim
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Option<String>,
    /// The service account; Okteto's own without it
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// Where it is served
    #[arg(long, value_name = "URL", env = "OKTETO_ECR_PRACTICE")]
    pub practice_url: Option<String>,
}

impl Command {
    /// Takes the format that stands before the command.
    fn print_as(&mut self, word: &str) -> Result<(), String> {
        let wrong = |_| format!("invalid value '{word}' for '--format <FORMAT>' of this command");
        match self {
            Self::Plan(args) => args.format = PlanFormat::from_str(word, false).map_err(wrong)?,
            Self::Apply(ApplyArgs { format, .. })
            | Self::PullTest(PullTestArgs { format, .. })
            | Self::CheckTrust(CheckTrustArgs { format, .. })
            | Self::Info(InfoArgs { format }) => {
                *format = Format::from_str(word, false).map_err(wrong)?;
            }
            Self::Practice(_) => return Err("--format is not for practice".to_owned()),
        }
        Ok(())
    }

    /// Whether a fault is to be printed as JSON.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        match self {
            Self::Plan(args) => matches!(args.format, PlanFormat::Json),
            Self::Apply(args) => matches!(args.format, Format::Json),
            Self::PullTest(args) => matches!(args.format, Format::Json),
            Self::CheckTrust(args) => matches!(args.format, Format::Json),
            Self::Info(args) => matches!(args.format, Format::Json),
            Self::Practice(_) => false,
        }
    }
}

/// Whether a command line that could not be read asks for JSON.
pub fn asks_for_json(words: impl IntoIterator<Item = OsString>) -> bool {
    let mut words = words.into_iter().take_while(|word| word != "--").peekable();
    while let Some(word) = words.next() {
        if word == "--format=json"
            || word == "--format" && words.peek().is_some_and(|next| next == "json")
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_80_columns_and_shows_examples() {
        Cli::command().debug_assert();
        let mut command = Cli::command();
        command.build();
        for path in
            ["", "plan", "apply", "pull-test", "check-trust", "practice serve", "practice token"]
        {
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
        let cli =
            read(&["okteto-ecr", "apply", "--answers", "x", "--confirm", "a", "--confirm", "b"]);
        let Some(Command::Apply(apply)) = cli.command else { unreachable!() };
        assert_eq!(apply.confirm, ["a", "b"]);
        assert!(!apply.yes);
        assert!(Cli::try_parse_from(["okteto-ecr", "plan"]).is_err());
    }

    #[test]
    fn practice_has_its_own_login_and_endpoints() {
        let read = |line: &str| Cli::read(line.split(' '));
        assert!(read("x --practice --read-only --mask --ascii").unwrap().practice);
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
}
