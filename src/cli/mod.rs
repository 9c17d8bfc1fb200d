//! The command line.

mod review;
#[cfg(test)]
mod tests;
mod values;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use self::review::{ReviewArgs, ReviewFormat};
pub use self::values::FailOn;
use self::values::{KeyIds, audience, fail_on, issuer, subject};
use crate::domain::key::KeyId;

const ONLY_WIZARD: &str =
    "--practice opens the wizard; for commands and other tools run: okteto-ecr practice serve";

const EXAMPLES: &str = "\
Examples:
  okteto-ecr                                      the wizard
  okteto-ecr --practice                           the wizard on a made-up account
  okteto-ecr --practice exercise.toml             an exercise of your own there
  okteto-ecr plan --answers answers.toml          see what would change
  okteto-ecr apply --answers answers.toml --yes   carry it out
  okteto-ecr pull-test --answers answers.toml     prove it with a live pull
  okteto-ecr check-trust trust-policy.json        judge a trust policy, offline
  okteto-ecr review                               who may pull, and what is wrong
                                                  with it, in the whole account
  okteto-ecr undo                                 see what taking the last run
                                                  back would do; --yes does it

Exit codes:
  0 done, or nothing to do     1 failed or blocked, nothing was changed
  2 wrong use or bad answers   3 plan --exit-code: there are changes;
                                 review, check-trust: findings at --fail-on
                                 or above
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
    /// leaves this machine. With a FILE, that exercise is opened: a team's own,
    /// or a folder of them
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    practice: Option<Vec<PathBuf>>,
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
        let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        let matches = Self::command().try_get_matches_from(&words).map_err(|error| {
            if error.use_stderr() && practises_a_command(&words) {
                return wrong(ONLY_WIZARD.to_owned());
            }
            let unknown = ContextValue::String("--practice".to_owned());
            match error.get(ContextKind::InvalidArg) {
                Some(word) if *word == unknown => wrong(ONLY_WIZARD.to_owned()),
                _ => error,
            }
        })?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if cli.practises() && (cli.command.is_some() || practises_a_command(&words)) {
            return Err(wrong(ONLY_WIZARD.to_owned()));
        }
        if (cli.practises() || matches!(cli.command, Some(Command::Practice(_))))
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
        if let Some(Command::Review(ReviewArgs { format: None, .. })) = &cli.command
            && let Some(option) = only_printed(&matches)
        {
            return Err(wrong(format!(
                "--{option} is for what is printed; give --format text, json, csv or sarif with it"
            )));
        }
        Ok(cli)
    }

    /// Whether it is the wizard on the practice account.
    #[must_use]
    pub const fn practises(&self) -> bool {
        self.practice.is_some()
    }

    /// The file or folder of exercises that is given with it.
    #[must_use]
    pub fn exercises(&self) -> Option<&Path> {
        self.practice.iter().flatten().next().map(PathBuf::as_path)
    }
}

/// Whether the word behind `--practice` is the name of a command, and of no file: it was meant as the command.
fn practises_a_command(words: &[OsString]) -> bool {
    let behind = words.iter().skip_while(|word| *word != "--practice").nth(1);
    let is_command = |word: &OsString| {
        word.to_str().is_some_and(|word| Cli::command().find_subcommand(word).is_some())
    };
    behind.is_some_and(|word| is_command(word) && !Path::new(word).exists())
}

/// The first option of `review` on the command line that means nothing on the screen.
fn only_printed(matches: &ArgMatches) -> Option<String> {
    let given = |id: &&str| {
        let review = matches.subcommand_matches("review");
        review.and_then(|m| m.value_source(id)) == Some(ValueSource::CommandLine)
    };
    ["fail_on", "baseline", "role"].iter().find(|id| given(id)).map(|id| id.replace('_', "-"))
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
    /// Keep answers, journals and logs here
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
    /// Review roles, users, keys and providers of the account: full screen, or
    /// printed with --format
    Review(ReviewArgs),
    /// Take back what a run made: the last run, if none is named
    Undo(UndoArgs),
    /// List the runs that the journal knows, and where each of them stopped
    Runs(RunsArgs),
    /// Print version, paths, and what was found of AWS and the cluster
    Info(InfoArgs),
    /// Look on at a session of the wizard, from a second terminal
    Follow(FollowArgs),
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
    /// old one inactive, which wants its id with --confirm. Its end is
    /// --delete-key
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
#[command(after_help = "Examples:\n  \
    okteto-ecr apply --answers answers.toml --yes --confirm my-role\n  \
    okteto-ecr apply --answers answers.toml --yes --rotate\n\n\
    A run for the same thing that was interrupted is continued; --new-run begins\n\
    another. runs lists them, and undo takes one back.")]
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
    /// Begin a run of its own also where one for the same thing was interrupted
    /// and would be continued
    #[arg(long)]
    pub new_run: bool,
    /// About a user's keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `pull-test`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    okteto-ecr pull-test --answers answers.toml --token-file -\n  \
    aws iam create-access-key … | okteto-ecr pull-test --answers … --access-key-file -")]
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

/// `undo`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    okteto-ecr undo                         see what would be taken back\n  \
    okteto-ecr undo --yes                   take the last run back\n  \
    okteto-ecr undo RUN --yes --keep NAME   all of that run but what NAME names\n\n\
    Exit codes: 0 done; 1 nothing was changed: a conflict, or no --yes; 4 some of it\n\
    is not taken back. A run can be taken back in several goes.")]
pub struct UndoArgs {
    /// The run, as runs lists it
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Say yes to the calls that undo shows
    #[arg(long)]
    pub yes: bool,
    /// Take this back although it was altered since, or although that opens
    /// again what the review closed, by its name (repeatable)
    #[arg(long, value_name = "NAME")]
    pub confirm: Vec<String>,
    /// Leave this as it is, by its name (repeatable)
    #[arg(long, value_name = "NAME")]
    pub keep: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `runs`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  okteto-ecr runs --format json")]
pub struct RunsArgs {
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `info`
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `follow`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  okteto-ecr --practice          in one terminal\n  \
                  okteto-ecr follow --mask       in another, such as that of a projector\n\n\
                  No secret is on it, and nothing can be typed; q leaves.")]
pub struct FollowArgs {
    /// The run that the session began with; the newest session without it
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
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
            | Self::Undo(UndoArgs { format, .. })
            | Self::Runs(RunsArgs { format })
            | Self::Info(InfoArgs { format }) => {
                *format = Format::from_str(word, false).map_err(wrong)?;
            }
            Self::Review(args) => {
                args.format = Some(ReviewFormat::from_str(word, false).map_err(wrong)?);
            }
            Self::Follow(_) => return Err("--format is not for follow".to_owned()),
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
            Self::Review(args) => matches!(args.format, Some(ReviewFormat::Json)),
            Self::Undo(args) => matches!(args.format, Format::Json),
            Self::Runs(args) => matches!(args.format, Format::Json),
            Self::Info(args) => matches!(args.format, Format::Json),
            Self::Follow(_) | Self::Practice(_) => false,
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
