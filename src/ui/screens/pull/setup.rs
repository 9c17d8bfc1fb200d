//! What to pull, and with whose token.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::steps::identity::name;
use crate::app::steps::pull::token::{self, Way};
use crate::app::steps::pull::{Act, DEPTHS, Part, acts, parts, story};
use crate::app::wizard::App;
use crate::domain::draft::Field;
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
    let ready = if token::order(app).is_ok() { "ready " } else { "" };
    put_ends(
        frame,
        main,
        roomy,
        title(theme, "What to pull, and with whose token", true),
        Line::styled(ready, theme.dim()),
    );
    let folded = main.height < 17;
    let gap = u16::from(!folded && token::way(app) != Way::File);
    let mut n = 1 + roomy + gap.max(roomy);
    for part in parts(app) {
        let focused = app.pull.part == part;
        let area = Rect { y: main.y + n, height: main.bottom().saturating_sub(main.y + n), ..main };
        n += match part {
            Part::Token => put_token(frame, app, theme, area, folded && !focused),
            Part::Depth => put_depth(frame, app, theme, area, folded && !focused),
            Part::Action => {
                let gap = u16::from(!folded && area.height > 1);
                let area = Rect { y: area.y + gap, height: area.height - gap, ..area };
                put_acts(frame, theme, area, &acts(app), focused.then_some(app.pull.choice));
                1
            }
            Part::TokenFile | Part::Image | Part::Platform => {
                put_text(frame, app, theme, area, part, folded && !focused)
            }
        };
        n += roomy;
    }
    if let Some(side) = areas.side {
        beside(frame, app, theme, side);
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
    let words = match token::way(app) {
        Way::File => String::new(),
        Way::Cluster => match &app.draft.context {
            Some(context) => {
                let words = format!("kubectl create token, context {context}");
                if words.width() <= room { words } else { format!("context {context}") }
            }
            None => {
                let words =
                    format!("{} no kubeconfig context was found", theme.glyph(Glyph::Error));
                return Span::styled(cut(theme, &words, room), theme.bad());
            }
        },
        Way::Paste => {
            let claims = app.pull.pasted.as_ref().map(|p| p.claims.is_ok());
            return match (token::complaint(app), claims) {
                (Some(fault), readable) => {
                    let (glyph, style) = if readable == Some(true) {
                        (Glyph::Warning, theme.warning())
                    } else {
                        (Glyph::Error, theme.bad())
                    };
                    let words = format!("{} {}", theme.glyph(glyph), fault.message);
                    Span::styled(cut(theme, &words, room), style)
                }
                (None, Some(true)) => {
                    let words = token::description(app).unwrap_or_default();
                    let words = format!("{} {words}", theme.glyph(Glyph::Done));
                    Span::styled(cut(theme, &words, room), theme.good())
                }
                (None, _) => Span::raw(cut(
                    theme,
                    "Paste it here. It is not shown and not saved anywhere.",
                    room,
                )),
            };
        }
    };
    Span::styled(cut(theme, &words, room), theme.dim())
}

fn put_depth(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, folded: bool) -> u16 {
    let (word, meaning) = story::depth_words(app.draft.depth);
    let focused = app.pull.part == Part::Depth;
    if folded {
        put_fold(frame, theme, area, "How much", word);
        return 1;
    }
    let chosen = DEPTHS.iter().position(|d| *d == app.draft.depth).unwrap_or(0);
    let words = DEPTHS.map(|d| story::depth_words(d).0);
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
        line.push_span(Span::styled(act.words(), style));
        line.push_span(Span::raw("   "));
    }
    put(frame, area, 0, line);
}

/// What the focused part is, and what is known of the token.
fn beside(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let part = app.pull.part;
    put(frame, area, 1, Line::styled(story::part_name(part), theme.bold()));
    let mut n = 3;
    let mut lines: Vec<Line<'_>> = Vec::new();
    let field = part.field().and_then(|f| app.pull.form.get(f));
    let wrong = field.and_then(|f| match f.verdict(&app.draft, app.now) {
        Some(crate::domain::draft::Verdict::Wrong(problem)) => Some(problem),
        _ => None,
    });
    match wrong {
        Some(problem) => {
            for text in [
                problem.what,
                String::new(),
                format!("Why       {}", problem.why),
                format!("Example   {}", problem.example),
            ] {
                lines.extend(wrap(&text, width).into_iter().map(Line::raw));
            }
        }
        None => {
            for text in story::part(part) {
                lines.extend(side_text(theme, &text, width));
            }
        }
    }
    if part == Part::Token {
        lines.push(Line::default());
        if let Some(fault) = token::complaint(app) {
            lines.extend(
                wrap(&fault.message, width).into_iter().map(|l| Line::styled(l, theme.bold())),
            );
            for (name, value) in story::facts(&fault) {
                lines.extend(wrap(&format!("{name}: {value}"), width).into_iter().map(Line::raw));
            }
            let remedy = fault.remedy.into_iter().flat_map(|r| wrap(&r, width));
            lines.extend(remedy.map(Line::raw));
        } else if let Some(words) = token::description(app) {
            lines.extend(wrap(&words, width).into_iter().map(Line::raw));
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
