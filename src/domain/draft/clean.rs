//! What a paste carries besides the value: odd characters, line ends, shell words, quotes. Each is taken off and named.

use super::{Field, Understood};
use crate::domain::problem::Problem;

/// Takes off what is around the value, for any field.
///
/// # Errors
/// Several lines, or a placeholder that was never filled in.
pub(super) fn clean(field: Field, text: &str) -> Result<Understood, Problem> {
    let mut notes = Vec::new();
    let plain = plain_characters(text, &mut notes);
    let ends = plain.trim_matches([' ', '\t']);
    if ends.ends_with(['\n', '\r']) || ends.starts_with(['\n', '\r']) {
        // A terminal sends a paste's line ends as CR; only CR LF was in the text itself.
        let with = if ends.contains("\r\n") { " with its carriage return (CR)" } else { "" };
        notes.push(format!("took off the line end{with}"));
    }
    let mut value = plain.trim().to_owned();
    let lines = value.lines().count();
    if lines > 1 || value.contains('\r') {
        return Err(Problem::new(
            format!("{} lines were pasted", lines.max(2)),
            "this field takes one",
            field.example(),
        ));
    }
    if field != Field::Description {
        // Quotes may stand around the value or around the whole line.
        for _ in 0..2 {
            value = without_quotes(value, &mut notes);
            value = without_shell(field, value, &mut notes);
        }
        if let Some(placeholder) = placeholder(&value) {
            return Err(Problem::new(
                format!("{placeholder} is a placeholder that was not filled in"),
                "nothing fills it in here; the value itself is needed",
                field.example(),
            ));
        }
    }
    Ok(Understood { value, notes })
}

fn plain_characters(text: &str, notes: &mut Vec<String>) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let (name, instead) = match c {
            '\u{a0}' | '\u{202f}' | '\u{2007}' => ("a no-break space", Some(' ')),
            '\u{200b}' => ("a zero-width space", None),
            '\u{200c}' => ("a zero-width non-joiner", None),
            '\u{200d}' => ("a zero-width joiner", None),
            '\u{2060}' => ("a word joiner", None),
            '\u{feff}' => ("a byte order mark", None),
            '\u{ad}' => ("a soft hyphen", None),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => ("a direction mark", None),
            '“' | '”' | '„' => ("a smart quote", Some('"')),
            '‘' | '’' | '‚' => ("a smart quote", Some('\'')),
            c => {
                plain.push(c);
                continue;
            }
        };
        let code = u32::from(c);
        let note = match instead {
            Some(_) => format!("made {name} (U+{code:04X}) a plain one"),
            None => format!("took out {name} (U+{code:04X})"),
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
        plain.extend(instead);
    }
    plain
}

fn without_quotes(value: String, notes: &mut Vec<String>) -> String {
    for quote in ['"', '\'', '`'] {
        let inner = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
        // A quote within, as in `"a b"=c d="e"`, means that the outer two are no pair.
        if let Some(inner) = inner.filter(|v| !v.contains(quote)) {
            notes.push(format!("took off the quotes {quote}…{quote}"));
            return inner.trim().to_owned();
        }
    }
    value
}

/// Takes off `export NAME=` and `NAME=`, the `"KEY":` of a line of JSON, and the command of a pasted `docker pull`.
fn without_shell(field: Field, value: String, notes: &mut Vec<String>) -> String {
    if field == Field::Image
        && let Some(image) = value.strip_prefix("docker pull ")
    {
        notes.push("took off docker pull".to_owned());
        return image.trim().to_owned();
    }
    if field != Field::Tags
        && let Some((key, inner)) = value.strip_prefix('"').and_then(|v| v.split_once("\": "))
    {
        notes.push(format!("took off {key}: of a line of JSON"));
        return inner.trim().trim_end_matches(',').to_owned();
    }
    let (export, rest) = match value.strip_prefix("export ") {
        Some(rest) => ("export ", rest.trim_start()),
        None => ("", value.as_str()),
    };
    // In tags, NAME=value is the value itself.
    if export.is_empty() && field == Field::Tags {
        return value;
    }
    match rest.split_once('=') {
        Some((name, inner)) if is_variable(name) => {
            notes.push(format!("took off {export}{name}="));
            inner.trim().trim_end_matches(';').to_owned()
        }
        _ => value,
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn placeholder(value: &str) -> Option<&str> {
    for (open, close) in [("${", "}"), ("<<", ">>"), ("<", ">"), ("{", "}")] {
        if let Some((_, rest)) = value.split_once(open)
            && let Some((name, _)) = rest.split_once(close)
        {
            let start = value.len() - rest.len() - open.len();
            return value.get(start..start + open.len() + name.len() + close.len());
        }
    }
    value.strip_prefix('$').filter(|name| !name.is_empty() && is_variable(name)).map(|_| value)
}
