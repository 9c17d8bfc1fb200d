//! The screen of step 6.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use secrecy::ExposeSecret;
use unicode_width::UnicodeWidthStr;

use crate::app::list::scroll;
use crate::app::slot::Slot;
use crate::app::steps::okteto::{
    self, PLACE, PRACTISED, Value, View, dialog, files, mind, proof, repeats, warnings,
};
use crate::app::wizard::App;
use crate::domain::custody::CustodyChoice;
use crate::domain::draft::Mode;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{cut, fit, shortened, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Cells of a value's name: of the longest that is shown.
const fn name_cells(mode: Mode) -> usize {
    match mode {
        Mode::Oidc => 12,
        Mode::IamUser => 19,
    }
}

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let areas = frame::draw(frame, app, theme, None);
    match app.okteto.view {
        View::Values => values(frame, app, theme, areas.main),
        View::Manifest => manifest(frame, app, theme, areas.main),
    }
}

/// One block of rows; the least important go first where the window is low.
struct Block {
    lines: Vec<Line<'static>>,
    /// The row on which the cursor stands.
    cursor: Option<usize>,
    /// The higher, the sooner it goes.
    spare: u8,
}

impl Block {
    const fn new(lines: Vec<Line<'static>>, spare: u8) -> Self {
        Self { lines, cursor: None, spare }
    }
}

/// What is to be done with the values. A secret that nobody has seen is not typed anywhere: the object refers to it.
fn heading(app: &App) -> &'static str {
    match app.draft.custody {
        CustodyChoice::Kubernetes if app.draft.mode == Mode::IamUser => {
            "Give Okteto the Secret: e shows how"
        }
        _ => "Give these four values to Okteto",
    }
}

fn values(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let roomy = u16::from(area.height >= 22);
    // The path through the dashboard is as long as there is room for.
    let room = width.saturating_sub(37);
    let short = PLACE.strip_suffix(" Credential").unwrap_or(PLACE);
    let place = [PLACE, short].into_iter().find(|p| p.chars().count() <= room);
    put_ends(
        frame,
        area,
        roomy,
        title(theme, heading(app), true),
        Line::styled(place.map_or_else(String::new, |p| format!("{p} ")), theme.dim()),
    );
    let room = width.saturating_sub(3);
    let mut blocks = vec![rows(app, theme, width, &dialog(app), 0, 0)];
    if place.is_none() {
        let line = Line::styled(format!("  {}", cut(theme, PLACE, room)), theme.dim());
        blocks.insert(0, Block::new(vec![line], 3));
    }
    blocks.push(Block::new(said(app, theme, room), 0));
    let mind = wrap(mind(app), room).into_iter().map(|l| Line::raw(format!("  {l}"))).collect();
    blocks.push(Block::new(mind, 2));
    let mut again = rows(app, theme, width, &repeats(app), dialog(app).len(), 1);
    let head = match &app.okteto.saved {
        Some(Err(fault)) => {
            let words = format!("{} Answers not saved: {fault}", theme.glyph(Glyph::Warning));
            Line::styled(format!("  {}", cut(theme, &words, room)), theme.warning())
        }
        _ if app.setup.practice => {
            Line::styled(format!("  {}", cut(theme, PRACTISED, room)), theme.dim())
        }
        _ => Line::styled("  To repeat this run, without the wizard", theme.dim()),
    };
    again.lines.insert(0, head);
    again.cursor = again.cursor.map(|row| row + 1);
    blocks.push(again);
    let words = "Done in Okteto? Enter finishes; T pulls once more; e shows it as a file.";
    blocks.push(Block::new(vec![Line::raw(format!("  {}", cut(theme, words, room)))], 4));
    let top = area.y + 1 + roomy;
    let body = Rect { y: top, height: area.bottom().saturating_sub(top), ..area };
    put_blocks(frame, theme, body, blocks);
}

/// Whether a pull proved the values, and what Okteto's rules may not admit.
fn said(app: &App, theme: Theme, room: usize) -> Vec<Line<'static>> {
    let (proved, words) = proof(app);
    let (glyph, style) =
        if proved { (Glyph::Done, theme.good()) } else { (Glyph::Warning, theme.warning()) };
    let warnings = warnings(app).into_iter().map(|w| (Glyph::Warning, theme.warning(), w));
    let mut said = Vec::new();
    for (glyph, style, words) in std::iter::once((glyph, style, words)).chain(warnings) {
        for (n, line) in wrap(&words, room.saturating_sub(3)).into_iter().enumerate() {
            let mark = if n == 0 { theme.glyph(glyph) } else { "" };
            said.push(Line::styled(format!("  {} {line}", fit(theme, mark, theme.mark())), style));
        }
    }
    said
}

/// Values with their names, one of which may be selected. `first` is the place of the first one among all.
fn rows(app: &App, theme: Theme, width: usize, values: &[Value], first: usize, spare: u8) -> Block {
    let all = dialog(app).len() + repeats(app).len();
    let at = app.okteto.cursor.within(all);
    let mut block = Block::new(Vec::new(), spare);
    let cells = name_cells(app.draft.mode);
    let room = width.saturating_sub(2 + cells);
    for (i, value) in values.iter().enumerate() {
        let here = at == first + i;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        // The one place where a secret is drawn, and only while it was asked for.
        let shown = value.secret.as_ref().filter(|_| app.is_revealed());
        let text = shown.map_or(value.text.as_str(), ExposeSecret::expose_secret);
        let text = cut(theme, text, room);
        let hint = if here && text.width() + 11 <= room { "   y copies" } else { "" };
        let (name, style) = (value.name, if here { theme.selected() } else { theme.plain() });
        if here {
            block.cursor = Some(i);
        }
        block.lines.push(Line::from(vec![
            Span::styled(format!("{mark} "), theme.accent()),
            Span::styled(format!("{name:cells$}"), theme.dim()),
            Span::styled(text, style),
            Span::styled(hint, theme.dim()),
        ]));
    }
    if values.is_empty() {
        block.lines.push(Line::raw("  The values are not known yet: steps 2 and 4 make them."));
    }
    block
}

/// Puts the blocks one under the other, with a blank row before each where there is room; the spare ones go where
/// there is not, and `i` shows all of it.
fn put_blocks(frame: &mut Frame<'_>, theme: Theme, area: Rect, mut blocks: Vec<Block>) {
    let count = |blocks: &[Block]| blocks.iter().map(|b| b.lines.len()).sum::<usize>();
    let whole = usize::from(area.height);
    let mut height = whole;
    while count(&blocks) > height {
        // The row that says that there is more takes room too.
        height = whole.saturating_sub(1);
        let spare = |b: &Block| b.spare > 0 && b.cursor.is_none();
        let at = blocks.iter().enumerate().filter(|(_, b)| spare(b)).max_by_key(|(_, b)| b.spare);
        let Some(i) = at.map(|(i, _)| i) else { break };
        blocks.remove(i);
    }
    let mut gaps = height.saturating_sub(count(&blocks));
    let mut lines = Vec::new();
    let mut cursor = None;
    for block in blocks {
        if gaps > 0 {
            gaps -= 1;
            lines.push(Line::default());
        }
        cursor = block.cursor.map(|row| lines.len() + row).or(cursor);
        lines.extend(block.lines);
    }
    let top = scroll(cursor.unwrap_or(0), lines.len(), height);
    for (n, (i, line)) in (0..).zip(lines.into_iter().enumerate().skip(top).take(height)) {
        put(frame, area, n, line);
        if cursor == Some(i) {
            frame.set_cursor_position(Position::new(area.x, area.y + n));
        }
    }
    if height < whole {
        let words = format!("{} i shows all", theme.glyph(Glyph::More));
        put_ends(frame, area, area.height - 1, Line::default(), Line::styled(words, theme.dim()));
    }
}

fn manifest(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let files = files(app);
    let at = app.okteto.cursor.within(files.len());
    let namespace = app.draft.namespace();
    let top_row = u16::from(area.height >= 22);
    put_ends(
        frame,
        area,
        top_row,
        title(theme, "The same as a Kubernetes resource", true),
        Line::styled(format!("namespace {namespace} "), theme.dim()),
    );
    let roomy = u16::from(area.height >= 16);
    let mut n = 1 + top_row + roomy;
    let [yaml, command] = files.as_slice() else {
        put(frame, area, n, Line::raw("  The values are not known yet: steps 2 and 4 make them."));
        return;
    };
    let mark = |i: usize| if at == i { theme.glyph(Glyph::Cursor) } else { " " };
    let head = |frame: &mut Frame<'_>, n: u16, i: usize, words: &str, hint: &str| {
        let style = if at == i { theme.selected() } else { theme.plain() };
        let line = Line::from(vec![
            Span::styled(format!("{} ", mark(i)), theme.accent()),
            Span::styled(words.to_owned(), style),
            Span::styled(if at == i { hint.to_owned() } else { String::new() }, theme.dim()),
        ]);
        put(frame, area, n, line);
        if at == i {
            frame.set_cursor_position(Position::new(area.x, area.y + n));
        }
    };
    // The command's rows and the cluster's answer are always in sight; of a manifest that does not fit the values are
    // shown.
    let room = usize::from(area.width).saturating_sub(4);
    let most = match area.height {
        22.. => 7,
        16.. => 4,
        _ => 2,
    };
    let tail = answer(app, theme, room, most).unwrap_or_else(|| unasked(app, theme, room));
    let asked = okteto::tried(app).is_some();
    let behind = if roomy > 0 || asked { u16::try_from(tail.len()).unwrap_or(u16::MAX) } else { 0 };
    let after = 2 + 2 * roomy + behind;
    let room =
        usize::from(area.height.saturating_sub(n.saturating_add(1).saturating_add(after)).max(1));
    let lines: Vec<&str> = yaml.text.lines().collect();
    let top = scroll(lines.len(), lines.len(), room);
    let hint =
        if top > 0 { "   its end; P prints all of it" } else { "   y copies it, P prints it" };
    head(frame, n, 0, "registry.yaml", hint);
    n += 1;
    let width = usize::from(area.width).saturating_sub(6);
    for line in lines.iter().skip(top).take(room) {
        put(frame, area, n, Line::raw(format!("    {}", cut(theme, line, width))));
        n += 1;
    }
    n += roomy;
    let first = command.text.lines().next().unwrap_or_default();
    head(frame, n, 1, &cut(theme, first, width.saturating_sub(14)), "   y copies it");
    put(frame, area, n + 1, Line::styled("    the lines above, then EOF", theme.dim()));
    n += 2 + roomy;
    for line in tail {
        put(frame, area, n, line);
        n += 1;
    }
}

/// What stands below the manifest before the cluster was asked.
fn unasked(app: &App, theme: Theme, room: usize) -> Vec<Line<'static>> {
    let note = "Okteto shows an object made this way as read-only. Needs rights in its namespace. r asks the cluster whether it would take it; nothing is made by that.";
    let mut lines: Vec<_> =
        wrap(note, room).into_iter().map(|line| Line::raw(format!("  {line}"))).collect();
    for warning in warnings(app) {
        let words = format!("{} {warning}", theme.glyph(Glyph::Warning));
        lines.extend(
            wrap(&words, room).into_iter().map(|l| Line::styled(format!("  {l}"), theme.warning())),
        );
    }
    lines
}

/// What the cluster said to the manifest, in at most `most` rows, of which up to half are the remedy.
fn answer(app: &App, theme: Theme, room: usize, most: usize) -> Option<Vec<Line<'static>>> {
    let tried = okteto::tried(app)?;
    let context = app.draft.context.as_deref().unwrap_or_default();
    let (glyph, style, words) = match &tried.said {
        None => {
            let since = app.slots.running(Slot::Manifest).map_or(app.now, |task| task.began);
            let spinner = theme.spinner(app.now.since(since).as_millis() / 250);
            (spinner, theme.plain(), format!("Asking {context} whether it would take this."))
        }
        Some(Ok(())) => {
            let words = format!("{context} would take this. Nothing was made by asking.");
            (theme.glyph(Glyph::Done), theme.good(), words)
        }
        Some(Err(fault)) => (
            theme.glyph(Glyph::Error),
            theme.bad(),
            if most > 2 {
                format!("{}: {}", fault.cause.slug(), fault.message)
            } else {
                fault.message.clone()
            },
        ),
    };
    let remedy = tried.said.as_ref().and_then(|said| Some(said.as_ref().err()?.what_to_do()));
    let remedy = remedy.map(|text| shortened(theme, text, room.saturating_sub(2), most / 2));
    let remedy = remedy.unwrap_or_default();
    let left = most.saturating_sub(remedy.len());
    let mut lines: Vec<_> = shortened(theme, &format!("{glyph} {words}"), room, left)
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect();
    lines.extend(remedy.into_iter().map(|l| Line::styled(format!("    {l}"), theme.bold())));
    Some(lines)
}
