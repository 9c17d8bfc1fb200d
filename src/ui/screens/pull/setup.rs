//! What to pull, and with whose token.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::steps::identity::name;
use crate::app::steps::pull::token::{self, Way};
use crate::app::steps::pull::{Act, DEPTHS, Part, acts, key, order, parts, words};
use crate::app::wizard::App;
use crate::domain::draft::{Field, Mode};
use crate::ui::fields;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws the set-up.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let wide = frame.area().width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(44));
    let main = areas.main;
    let roomy = u16::from(main.height >= 22);
    let ready = if order::order(app).is_ok() { "ready " } else { "" };
    let words = match app.draft.mode {
        Mode::Oidc => "What to pull, and with whose token",
        Mode::IamUser => "What to pull, and with which key",
    };
    put_ends(frame, main, roomy, title(theme, words, true), Line::styled(ready, theme.dim()));
    let folded = main.height < 17;
    let of_file = app.draft.mode == Mode::Oidc && token::way(app) == Way::File;
    let gap = u16::from(!folded && !of_file);
    let mut n = 1 + roomy + gap.max(roomy);
    for part in parts(app) {
        let focused = app.pull.part == part;
        let area = Rect { y: main.y + n, height: main.bottom().saturating_sub(main.y + n), ..main };
        n += match part {
            Part::Key => put_key(frame, app, theme, area, folded && !focused),
            Part::Token => put_token(frame, app, theme, area, folded && !focused),
            Part::Depth => put_depth(frame, app, theme, area, folded && !focused),
            Part::Action => {
                let gap = u16::from(!folded && area.height > 1);
                let area = Rect { y: area.y + gap, height: area.height - gap, ..area };
                put_acts(frame, theme, area, &acts(app), focused.then_some(app.pull.choice));
                1 + gap
            }
            Part::TokenFile | Part::Image | Part::Platform => {
                put_text(frame, app, theme, area, part, folded && !focused)
            }
        };
        n += roomy;
    }
    if let Some(side) = areas.side {
        beside(frame, app, theme, side);
    } else if app.pull.part == Part::Token {
        let area = Rect { y: main.y + n, height: main.height.saturating_sub(n), ..main };
        below(frame, app, theme, area);
    }
}

/// What the row of the token has no room for, where there is room under the parts.
fn below(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width).saturating_sub(3);
    let said = token::said(app);
    let lines: Vec<_> =
        said.iter().filter(|l| !l.is_empty()).flat_map(|l| wrap(l, width)).collect();
    if lines.len() > usize::from(area.height) {
        return;
    }
    for (n, line) in (0..).zip(lines) {
        put(frame, area, n, Line::styled(format!("  {line}"), theme.dim()));
    }
}

fn put_text(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    part: Part,
    folded: bool,
) -> u16 {
    let Some(field) = part.field().and_then(|f| app.pull.form.get(f)) else { return 0 };
    let focused = app.pull.part == part;
    if folded {
        fields::put_folded(frame, app, theme, area, 0, field, name(field.field));
        return 1;
    }
    let host = app.draft.derived(app.who.known()).host.filter(|_| part == Part::Image);
    let extra = host.map(|host| Line::styled(format!("in {host}"), theme.dim()));
    fields::put_field(frame, app, theme, area, field, name(field.field), focused, extra);
    if field.field == Field::Image && field.text().is_empty() {
        let bar = if focused { theme.glyph(Glyph::Field) } else { " " };
        let words = "Such as team/app:latest. Enter shows what the registry has.";
        let line = Line::from(vec![
            Span::styled(format!("{bar} "), theme.accent()),
            Span::styled(cut(theme, words, usize::from(area.width).saturating_sub(3)), theme.dim()),
        ]);
        put(frame, area, 2, line);
    }
    3
}

fn put_key(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, folded: bool) -> u16 {
    let way = key::way(app);
    let focused = app.pull.part == Part::Key;
    if folded {
        put_fold(frame, theme, area, "Access key", key::words(app, way));
        return 1;
    }
    let chosen = key::Way::ALL.iter().position(|w| *w == way).unwrap_or(0);
    let words = key::Way::ALL.map(|way| key::words(app, way));
    put_choice(frame, theme, area, "Access key", &words, chosen, focused);
    let side = if focused { theme.glyph(Glyph::Field) } else { " " };
    let (good, words) = key::said(app);
    let pasting = way == key::Way::Paste && app.pull.pasted_key.is_none();
    let (mark, style) = match (good, pasting) {
        (true, _) => (format!("{} ", theme.glyph(Glyph::Done)), theme.good()),
        (false, true) => (String::new(), theme.plain()),
        (false, false) => (format!("{} ", theme.glyph(Glyph::Error)), theme.bad()),
    };
    let words = cut(theme, &format!("{mark}{words}"), usize::from(area.width).saturating_sub(3));
    let line = [Span::styled(format!("{side} "), theme.accent()), Span::styled(words, style)];
    put(frame, area, 2, Line::from(line.to_vec()));
    3
}

fn put_token(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, folded: bool) -> u16 {
    let way = token::way(app);
    let focused = app.pull.part == Part::Token;
    if folded {
        put_fold(frame, theme, area, "Token", way.words());
        return 1;
    }
    let chosen = Way::ALL.iter().position(|w| *w == way).unwrap_or(0);
    put_choice(frame, theme, area, "Token", &Way::ALL.map(Way::words), chosen, focused);
    if way == Way::File {
        return 2;
    }
    let room = usize::from(area.width).saturating_sub(3);
    let side = if focused { theme.glyph(Glyph::Field) } else { " " };
    let mut line = Line::styled(format!("{side} "), theme.accent());
    line.push_span(token_said(app, theme, room));
    put(frame, area, 2, line);
    3
}

/// The row under the choice: what is known of the token.
fn token_said(app: &App, theme: Theme, room: usize) -> Span<'static> {
    let fits = |words: &String| words.width() <= room;
    let marked = |glyph, words: String, style| {
        let words = format!("{} {words}", theme.glyph(glyph));
        Span::styled(cut(theme, &words, room), style)
    };
    if token::way(app) == Way::Cluster {
        let Some(context) = &app.draft.context else {
            let words = "no kubeconfig context was found".to_owned();
            return marked(Glyph::Error, words, theme.bad());
        };
        let words = if app.setup.practice {
            "a fresh one from the practice cluster".to_owned()
        } else {
            format!("kubectl create token, context {context}")
        };
        let words = Some(words).filter(fits).unwrap_or_else(|| format!("context {context}"));
        return Span::styled(cut(theme, &words, room), theme.dim());
    }
    let Some(pasted) = &app.pull.pasted else {
        let words = "Paste it here: never shown, never saved.";
        return Span::raw(cut(theme, words, room));
    };
    let short = || token::said_in_short(app).unwrap_or_default();
    let room_for_words = |words: String| {
        if words.width() + 2 <= room { words } else { short() }
    };
    match token::complaint(app) {
        None => {
            let words = room_for_words(token::description(app).unwrap_or_default());
            marked(Glyph::Done, words, theme.good())
        }
        Some(fault) if pasted.claims.is_ok() => {
            marked(Glyph::Warning, room_for_words(fault.message), theme.warning())
        }
        Some(fault) => marked(Glyph::Error, fault.message, theme.bad()),
    }
}

fn put_depth(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, folded: bool) -> u16 {
    let (word, meaning) = words::depth_words(app.draft.depth);
    let focused = app.pull.part == Part::Depth;
    if folded {
        put_fold(frame, theme, area, "How much", word);
        return 1;
    }
    let chosen = DEPTHS.iter().position(|d| *d == app.draft.depth).unwrap_or(0);
    let words = DEPTHS.map(|d| words::depth_words(d).0);
    put_choice(frame, theme, area, "How much", &words, chosen, focused);
    let side = if focused { theme.glyph(Glyph::Field) } else { " " };
    let line = Line::from(vec![
        Span::styled(format!("{side} "), theme.accent()),
        Span::styled(cut(theme, meaning, usize::from(area.width).saturating_sub(3)), theme.dim()),
    ]);
    put(frame, area, 2, line);
    3
}

/// A part folded to one row, with what is chosen there.
fn put_fold(frame: &mut Frame<'_>, theme: Theme, area: Rect, name: &str, value: &str) {
    let right = Line::styled(format!("{value} "), theme.dim());
    put_ends(frame, area, 0, Line::raw(format!("  {name}")), right);
}

/// A name, and a row of which one thing is chosen.
fn put_choice(
    frame: &mut Frame<'_>,
    theme: Theme,
    area: Rect,
    name: &str,
    words: &[&str],
    chosen: usize,
    focused: bool,
) {
    let bar = if focused { theme.glyph(Glyph::Field) } else { " " };
    let side = || Span::styled(format!("{bar} "), theme.accent());
    let style = if focused { theme.bold() } else { theme.plain() };
    put(frame, area, 0, Line::from(vec![side(), Span::styled(name.to_owned(), style)]));
    let mut line = Line::from(side());
    for (i, word) in words.iter().enumerate() {
        let here = i == chosen;
        let mark = if here { theme.glyph(Glyph::Here) } else { theme.glyph(Glyph::ToCome) };
        if here && focused {
            let x = area.x + u16::try_from(line.width()).unwrap_or(0);
            frame.set_cursor_position(Position::new(x.min(area.right()), area.y + 1));
        }
        let style = match (here, focused) {
            (true, true) => theme.selected(),
            (true, false) => theme.bold(),
            _ => theme.plain(),
        };
        line.push_span(Span::styled(format!("{mark} {word}"), style));
        line.push_span(Span::raw("    "));
    }
    put(frame, area, 1, line);
}

/// The row of what can be done; `chosen` is given where it has the focus.
pub fn put_acts(
    frame: &mut Frame<'_>,
    theme: Theme,
    area: Rect,
    acts: &[Act],
    chosen: Option<usize>,
) {
    // A row that is too long is drawn closer, then in fewer words.
    let words = [Act::words, Act::words, Act::short];
    let ways = words.into_iter().zip([3, 1, 1]);
    let wide = |words: fn(Act) -> &'static str, gap: usize| {
        2 + acts.iter().map(|act| 2 + words(*act).width() + gap).sum::<usize>()
    };
    let fits = |(words, gap): &(fn(Act) -> &'static str, usize)| {
        wide(*words, *gap) <= usize::from(area.width) + gap
    };
    let (words, gap) = ways.clone().find(fits).unwrap_or((Act::short, 1));
    let mut line = Line::raw("  ");
    for (i, act) in acts.iter().enumerate() {
        let here = chosen == Some(i);
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        if here {
            let x = area.x + u16::try_from(line.width()).unwrap_or(0);
            frame.set_cursor_position(Position::new(x.min(area.right()), area.y));
        }
        let style = if here { theme.selected().patch(theme.bold()) } else { theme.plain() };
        line.push_span(Span::styled(format!("{mark} "), theme.accent()));
        line.push_span(Span::styled(words(*act), style));
        line.push_span(Span::raw(" ".repeat(gap)));
    }
    put(frame, area, 0, line);
}

/// What the focused part is, and what is known of the token.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let part = app.pull.part;
    put(frame, area, 1, Line::styled(words::part_name(part), theme.bold()));
    let mut n = 3;
    let mut lines: Vec<Line<'_>> = Vec::new();
    let field = part.field().and_then(|f| app.pull.form.get(f));
    let wrong = field.and_then(|f| match f.verdict(&app.draft, app.now) {
        Some(crate::domain::draft::Verdict::Wrong(problem)) => Some(problem),
        _ => None,
    });
    if let Some(problem) = wrong {
        for text in [
            problem.what,
            String::new(),
            format!("Why       {}", problem.why),
            format!("Example   {}", problem.example),
        ] {
            lines.extend(wrap(&text, width).into_iter().map(Line::raw));
        }
    } else {
        let said = if part == Part::Token { token::said(app) } else { Vec::new() };
        for text in said {
            let style = if text.starts_with('!') { theme.bold() } else { theme.plain() };
            lines.extend(wrap(&text, width).into_iter().map(|l| Line::styled(l, style)));
        }
        for text in words::part(part, &app.draft) {
            lines.extend(side_text(theme, &text, width));
        }
    }
    for line in lines {
        put(frame, area, n, line);
        n += 1;
    }
}

/// A line of an explanation in a narrow column: `name   meaning` keeps its name bold and hangs its meaning.
fn side_text(theme: Theme, text: &str, width: usize) -> Vec<Line<'static>> {
    let pair = text.split_once("   ").filter(|(name, _)| !name.is_empty() && name.width() < 18);
    let Some((name, meaning)) = pair else {
        return wrap(text, width).into_iter().map(Line::raw).collect();
    };
    let indent = if name == "Example" { 10 } else { 2 };
    let mut lines = Vec::new();
    let wrapped = wrap(meaning.trim_start(), width.saturating_sub(indent));
    if name == "Example" {
        for (i, line) in wrapped.into_iter().enumerate() {
            let head = if i == 0 { format!("{name:10}") } else { " ".repeat(10) };
            lines.push(Line::from(vec![Span::styled(head, theme.dim()), Span::raw(line)]));
        }
        return lines;
    }
    lines.push(Line::styled(name.to_owned(), theme.bold()));
    lines.extend(wrapped.into_iter().map(|l| Line::raw(format!("  {l}"))));
    lines
}
