//! What lies over a screen: help, log, texts, questions, pickers.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};
use unicode_width::UnicodeWidthStr;

use super::frame::{coverable, key_label, offered, put, put_ends, row};
use super::search;
use super::text::{cut, fit, took, visible, wrap};
use super::theme::{Glyph, Theme};
use crate::app::help::{self, Row};
use crate::app::keymap::Command;
use crate::app::list::scroll;
use crate::app::overlay::{Overlay, Picker, Picking, Question, Sheet};
use crate::app::search::Reading;
use crate::app::step::Offer;
use crate::app::steps::practice::exports;
use crate::app::wizard::App;

/// Draws the topmost thing, if there is one.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let room = usize::from(frame.area().width).saturating_sub(4);
    match &app.overlay {
        None => {}
        Some(Overlay::Question(question)) => ask(frame, app, theme, question),
        Some(Overlay::Picker(picker)) if picker.picking == Picking::Answer => {
            choose(frame, app, theme, picker);
        }
        Some(Overlay::Picker(picker)) => pick(frame, app, theme, picker),
        Some(Overlay::Sheet(sheet)) => fill_in(frame, app, theme, sheet),
        Some(overlay @ Overlay::Help { under, .. }) => {
            let rows = help(app, theme, room, under.as_deref());
            panel(frame, theme, "Help", rows, overlay);
        }
        Some(overlay @ Overlay::Log(_)) => {
            let path = &app.log;
            let title = format!("Log of calls, kept in {}", path.display());
            panel(frame, theme, &title, log(app, theme, room), overlay);
        }
        Some(overlay @ Overlay::Exports(_)) => {
            let row = |l: String| wrap(&l, room).into_iter().map(Line::raw).collect();
            let rows = exports::lines(app).into_iter().map(row).collect();
            panel(frame, theme, &exports::title(app), rows, overlay);
        }
        Some(overlay @ Overlay::Text(text)) => {
            let row = |l: &String| wrap(l, room.saturating_sub(2)).into_iter().map(Line::raw);
            let rows = text.lines.iter().map(|l| row(l).collect()).collect();
            panel(frame, theme, &text.title, rows, overlay);
        }
    }
    let Some((reading, lines)) = app.reading() else { return };
    // A text covers the line where remarks stand; what a key of its own did is said there all the same.
    if app.overlay.is_some() {
        let said = app.said().map(str::to_owned).or_else(|| reading.words(&lines));
        let area = Rect { x: 1, width: frame.area().width.saturating_sub(2), ..frame.area() };
        let line = cut(theme, &said.unwrap_or_default(), usize::from(area.width));
        put(frame, area, area.height.saturating_sub(2), Line::raw(line));
    }
    if reading.search.typing && app.said().is_none() {
        search::put_cursor(frame, &reading.search);
    }
}

/// The rows of the help, each wrapped.
fn help(app: &App, theme: Theme, room: usize, under: Option<&Overlay>) -> Vec<Vec<Line<'static>>> {
    let two = |key: String, words: String| {
        vec![Line::from(vec![Span::styled(key, theme.bold()), Span::raw(words)])]
    };
    let drawn = |row: Row| match row {
        Row::Title(title) => vec![Line::styled(title, theme.bold())],
        Row::Words(words) => wrap(&words, room).into_iter().map(Line::raw).collect(),
        Row::Offer(offer) => {
            let key = fit(theme, &key_label(theme, &offer), 11);
            match &offer.refused {
                None => two(key, offer.words.to_string()),
                Some(why) => {
                    let words = format!("{key}{} (not now: {why})", offer.words);
                    let dim = |l| Line::styled(l, theme.dim());
                    wrap(&words, room).into_iter().map(dim).collect()
                }
            }
        }
        Row::Key(binding) => two(fit(theme, binding.label, 11), binding.meaning.to_owned()),
    };
    help::rows(app, under).into_iter().map(drawn).collect()
}

/// The calls; the request id gets what room is left, and stands whole in the file.
fn log(app: &App, theme: Theme, room: usize) -> Vec<Vec<Line<'static>>> {
    if app.calls.is_empty() {
        return vec![vec![Line::styled("No call has been made yet.", theme.dim())]];
    }
    app.calls
        .iter()
        .map(|c| {
            let (time, status) = (c.time(), c.answer());
            let id = c.request_id.as_deref().unwrap_or("");
            let call = fit(theme, &c.call, room.saturating_sub(29).min(34));
            let row = format!("{time:9} {call} {status:>9} {:>8}  ", took(c.took));
            let id = cut(theme, id, room.saturating_sub(row.width()));
            vec![Line::raw(format!("{row}{id}"))]
        })
        .collect()
}

/// A panel over the middle of the screen, without a frame: only a question has one. Its rows may be wrapped.
fn panel(
    frame: &mut Frame<'_>,
    theme: Theme,
    title: &str,
    rows: Vec<Vec<Line<'_>>>,
    overlay: &Overlay,
) {
    let Some(Reading { cursor, search }) = overlay.reading() else { return };
    let area = frame.area();
    let body = Rect { x: 0, y: 3, width: area.width, height: area.height.saturating_sub(3) };
    frame.render_widget(Clear, body);
    let inner = Rect { x: 2, width: body.width.saturating_sub(4), ..body };
    put(frame, inner, 0, Line::styled(cut(theme, title, usize::from(inner.width)), theme.bold()));
    let text = Rect { y: inner.y + 2, height: inner.height.saturating_sub(4), ..inner };
    // The cursor counts rows, the window counts the lines that they are wrapped into.
    let selected: usize = rows.iter().take(cursor.row).map(Vec::len).sum();
    let lines: Vec<Line<'_>> = rows.into_iter().flatten().collect();
    let height = usize::from(text.height);
    let top = selected.min(lines.len().saturating_sub(height));
    for (n, line) in (0..).zip(lines.iter().skip(top).take(height)) {
        put(frame, text, n, line.clone());
    }
    if search.is_set() {
        search::light(frame, theme, text, search);
        let mark = Line::styled(theme.glyph(Glyph::Cursor), theme.accent());
        let at = u16::try_from(selected - top).unwrap_or(u16::MAX);
        put(frame, Rect { x: 0, width: 2, ..text }, at, mark);
    }
    let below = lines.len().saturating_sub(top + height);
    let more = if below > 0 {
        format!("{} {below} more", theme.glyph(Glyph::More))
    } else {
        String::new()
    };
    // Where the keys always stand: those of the screen below do nothing now.
    let mut offers = overlay.offers();
    if lines.len() > height && !search.typing {
        offers.push(Offer::on(Command::Down, "scroll"));
    }
    let foot = Rect { x: 1, width: area.width.saturating_sub(2), ..area };
    let room = usize::from(foot.width).saturating_sub(more.width() + 2);
    let (keys, _) = offered(theme, &offers, room);
    put_ends(frame, foot, area.height.saturating_sub(1), Line::from(keys), Line::raw(more));
}

/// The keys at the foot of a box.
fn foot(theme: Theme, offers: &[Offer]) -> String {
    let key = |o: &Offer| format!("{} {}", key_label(theme, o), o.words);
    offers.iter().map(key).collect::<Vec<_>>().join(if theme.ascii { " | " } else { " · " })
}

/// Dims what stands under a question and returns the question's box.
fn boxed(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    title: &str,
    keys: &str,
    width: u16,
    height: u16,
) -> Rect {
    let area = coverable(frame, app);
    frame.buffer_mut().set_style(area, theme.dim());
    // The screen's own keys do nothing now.
    frame.render_widget(Clear, row(area, area.height.saturating_sub(1)));
    let width = width.min(area.width);
    let height = height.min(area.height);
    let rect =
        Rect { x: (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, rect);
    let mut block = Block::bordered().title(format!(" {title} ")).title_bottom(format!(" {keys} "));
    if theme.ascii {
        block = block.border_set(ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        });
    } else {
        block = block.border_type(BorderType::Thick);
    }
    let inner = block.inner(rect);
    frame.render_widget(block, rect);
    Rect { x: inner.x + 2, width: inner.width.saturating_sub(4), ..inner }
}

fn ask(frame: &mut Frame<'_>, app: &App, theme: Theme, question: &Question) {
    let width = 76.min(frame.area().width);
    let room = usize::from(width).saturating_sub(6);
    let body: Vec<String> = question.body.iter().flat_map(|l| wrap(l, room)).collect();
    let names = u16::try_from(question.names.len() * 2).unwrap_or(0);
    let wanted = u16::try_from(body.len()).unwrap_or(u16::MAX).saturating_add(names + 6);
    let keys = foot(theme, &Question::offers());
    let area = boxed(frame, app, theme, &question.title, &keys, width, wanted);
    // The choices are always in sight; a body that does not fit loses its end and says so.
    // What is agreed to comes first: of many names those around the next one are in sight, in the rows that it leaves.
    let all = question.names.len();
    let left = usize::from(area.height.saturating_sub(4)).saturating_sub(body.len());
    let some = all.min((left / 2).max(1));
    let next = question.typing().unwrap_or_else(|| question.next_name());
    let top = scroll(next, all, some);
    let names = u16::try_from(some * 2).unwrap_or(0);
    let room_for_body = area.height.saturating_sub(names + 4);
    let fits = body.len() <= usize::from(room_for_body);
    let count =
        |i: usize| if some < all { format!(" ({} of {all})", i + 1) } else { String::new() };
    let mut n = 1;
    for (i, line) in body.iter().enumerate().take(usize::from(room_for_body)) {
        let last = !fits && i + 1 == usize::from(room_for_body);
        let line = if last {
            format!("{} more in the plan behind this", theme.glyph(Glyph::Cut))
        } else {
            line.clone()
        };
        put(frame, area, n, Line::raw(line));
        n += 1;
    }
    for (i, name) in question.names.iter().enumerate().skip(top).take(some) {
        let here = question.typing() == Some(i);
        let good = name.line.value() == name.wanted;
        let mark = if good { theme.glyph(Glyph::Done) } else { " " };
        put(
            frame,
            area,
            n,
            Line::raw(cut(
                theme,
                &format!("Type {} to go on{} {mark}", name.wanted, count(i)),
                usize::from(area.width),
            )),
        );
        let bar = if here { theme.glyph(Glyph::Field) } else { " " };
        let shown = match name.line.value() {
            "" if !here => Span::styled("Tab goes here", theme.dim()),
            typed => Span::raw(typed),
        };
        put(
            frame,
            area,
            n + 1,
            Line::from(vec![Span::styled(format!("{bar} "), theme.accent()), shown]),
        );
        if here {
            let x = u16::try_from(name.line.visual_cursor()).unwrap_or(0);
            frame.set_cursor_position(Position::new(
                (area.x + 2 + x).min(area.right()),
                area.y + n + 1,
            ));
        }
        n += 2;
    }
    let line = area.height.saturating_sub(2);
    let mut spans = vec![Span::raw("   ")];
    let mut x = area.x + 3;
    for (i, choice) in question.choices.iter().enumerate() {
        let here = i == question.chosen;
        let refused = i > 0 && !question.is_confirmed();
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let mut style =
            if here { theme.selected().add_modifier(Modifier::BOLD) } else { theme.plain() };
        if refused {
            style = style.add_modifier(Modifier::DIM);
        }
        if here {
            frame.set_cursor_position(Position::new(x, area.y + line));
        }
        let words = format!("{mark} {choice} ");
        x += u16::try_from(words.width() + 4).unwrap_or(0);
        spans.push(Span::styled(words, style));
        spans.push(Span::raw("    "));
    }
    put(frame, area, line, Line::from(spans));
    if let Some(remark) = app.said() {
        put(
            frame,
            area,
            area.height.saturating_sub(1),
            Line::styled(cut(theme, remark, usize::from(area.width)), theme.dim()),
        );
    }
}

fn fill_in(frame: &mut Frame<'_>, app: &App, theme: Theme, sheet: &Sheet) {
    let width = 76.min(frame.area().width);
    let room = usize::from(width).saturating_sub(6);
    let body: Vec<String> = sheet.body.iter().flat_map(|l| wrap(l, room)).collect();
    // Name, line, and room for what is wrong with it, which moves nothing.
    let lines = u16::try_from(sheet.fields.len() * 3).unwrap_or(u16::MAX);
    let wanted = u16::try_from(body.len()).unwrap_or(u16::MAX).saturating_add(lines + 4);
    let keys = foot(theme, &sheet.offers());
    let area = boxed(frame, app, theme, &sheet.title, &keys, width, wanted);
    let room_for_body = area.height.saturating_sub(lines + 1);
    let fits = body.len() <= usize::from(room_for_body);
    let mut n = 0;
    for (i, line) in body.into_iter().take(usize::from(room_for_body)).enumerate() {
        let last = !fits && i + 1 == usize::from(room_for_body);
        let line = if last { theme.glyph(Glyph::Cut).to_owned() } else { line };
        put(frame, area, n, Line::raw(line));
        n += 1;
    }
    n += u16::from(fits);
    for (i, field) in sheet.fields.iter().enumerate() {
        let here = i == sheet.at;
        let name = if here { theme.bold() } else { theme.plain() };
        put(frame, area, n, Line::styled(field.name, name));
        let bar = if here { theme.glyph(Glyph::Field) } else { " " };
        let room = usize::from(area.width).saturating_sub(3);
        // Where it is longer than its line, the end is seen where one types.
        let skip = if here { field.line.visual_scroll(room) } else { 0 };
        let typed: String = field.line.value().chars().skip(skip).collect();
        let typed = if here { visible(&typed) } else { cut(theme, &typed, room) };
        let bar = Span::styled(format!("{bar} "), theme.accent());
        put(frame, area, n + 1, Line::from(vec![bar, Span::raw(typed)]));
        if here {
            let x = field.line.visual_cursor().max(skip) - skip;
            let x = area.x.saturating_add(2 + u16::try_from(x).unwrap_or(0));
            frame.set_cursor_position(Position::new(x.min(area.right()), area.y + n + 1));
        }
        if let Some(problem) = &field.problem {
            let words = format!("{} {problem}", theme.glyph(Glyph::Error));
            let words = cut(theme, &words, usize::from(area.width));
            put(frame, area, n + 2, Line::styled(words, theme.bad()));
        }
        n += 3;
    }
}

fn pick(frame: &mut Frame<'_>, app: &App, theme: Theme, picker: &Picker) {
    let visible = picker.visible();
    let all = picker.rows.len();
    let count = if all == 0 { String::new() } else { format!("{} of {all}", visible.len()) };
    let area = frame.area();
    let keys = foot(theme, &picker.offers());
    let inner = boxed(frame, app, theme, &picker.title, &keys, 76, area.height.saturating_sub(4));
    let filter = if picker.filtering || !picker.filter.value().is_empty() {
        format!("/ {}", picker.filter.value())
    } else {
        String::new()
    };
    put_ends(frame, inner, 0, Line::raw(filter), Line::styled(count, theme.dim()));
    if picker.filtering {
        let x = u16::try_from(picker.filter.visual_cursor()).unwrap_or(0);
        frame.set_cursor_position(Position::new((inner.x + 2 + x).min(inner.right()), inner.y));
    }
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    if visible.is_empty() {
        let words = if picker.rows.is_empty() {
            picker.empty.clone()
        } else {
            "Nothing passes the filter. Esc clears it.".to_owned()
        };
        for (n, line) in (0..).zip(wrap(&words, usize::from(list.width))) {
            put(frame, list, n, Line::raw(line));
        }
        return;
    }
    let height = usize::from(list.height);
    let selected = picker.cursor.within(visible.len());
    let top = scroll(selected, visible.len(), height);
    for (n, (i, (value, beside))) in (0..).zip(visible.iter().enumerate().skip(top).take(height)) {
        let here = i == selected;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let ticked = if picker.marked.contains(value) { theme.glyph(Glyph::Done) } else { " " };
        let right = cut(theme, beside, 24);
        let room = usize::from(list.width).saturating_sub(right.width() + 6);
        let left = Line::styled(
            format!("{mark} {ticked} {}", cut(theme, value, room)),
            if here { theme.selected() } else { theme.plain() },
        );
        put_ends(frame, list, n, left, Line::styled(right, theme.dim()));
    }
}

/// A question with its answers, each of them whole.
fn choose(frame: &mut Frame<'_>, app: &App, theme: Theme, picker: &Picker) {
    let width = 76.min(frame.area().width);
    let room = usize::from(width).saturating_sub(6);
    let ask = wrap(&picker.title, room);
    let selected = picker.cursor.within(picker.rows.len());
    let rows: Vec<Vec<String>> =
        picker.rows.iter().map(|(choice, _)| wrap(choice, room.saturating_sub(2))).collect();
    let count = ask.len() + 1 + rows.iter().map(Vec::len).sum::<usize>();
    let wanted = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(3);
    let keys = foot(theme, &picker.offers());
    let area = boxed(frame, app, theme, "Your answer", &keys, width, wanted);
    // The question gives way to the answers, and they to the selected one.
    let list = rows.iter().map(Vec::len).sum::<usize>();
    let height = usize::from(area.height);
    let asked = ask.len().min(height.saturating_sub(list.min(height / 2) + 1).max(1));
    let mut n = 0;
    for (i, line) in ask.iter().take(asked).enumerate() {
        let cut_off = i + 1 == asked && asked < ask.len();
        let end = if cut_off { theme.glyph(Glyph::Cut) } else { "" };
        put(frame, area, n, Line::raw(format!("{line}{end}")));
        n += 1;
    }
    n += 1;
    let list =
        Rect { y: area.y + n.min(area.height), height: area.height.saturating_sub(n), ..area };
    let at: usize = rows.iter().take(selected).map(Vec::len).sum();
    let lines = rows.iter().enumerate().flat_map(|(i, rows)| {
        rows.iter().enumerate().map(move |(nth, row)| (i == selected, nth == 0, row))
    });
    let all = rows.iter().map(Vec::len).sum();
    let top = scroll(at, all, usize::from(list.height));
    for (n, (here, first, row)) in (0..).zip(lines.skip(top).take(usize::from(list.height))) {
        let mark = if here && first { theme.glyph(Glyph::Cursor) } else { " " };
        let style = if here { theme.selected() } else { theme.plain() };
        put(frame, list, n, Line::styled(format!("{mark} {row}"), style));
    }
    let y = list.y + u16::try_from(at - top.min(at)).unwrap_or(0);
    frame.set_cursor_position(Position::new(list.x, y.min(list.bottom())));
}
