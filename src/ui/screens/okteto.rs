//! The screen of step 6.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::list::scroll;
use crate::app::steps::okteto::{MIND, PLACE, View, dialog, files, proof, repeats, warnings};
use crate::app::wizard::App;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Cells of a value's name.
const NAME: usize = 12;

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

fn values(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let width = usize::from(area.width);
    let place = if theme.ascii { PLACE.replace('→', ">") } else { PLACE.to_owned() };
    let place_fits = width >= 36 + place.chars().count();
    put_ends(
        frame,
        area,
        0,
        title(theme, "Give these four values to Okteto", true),
        Line::styled(if place_fits { format!("{place} ") } else { String::new() }, theme.dim()),
    );
    let room = width.saturating_sub(4);
    let text = |words: &str| -> Vec<Line<'static>> {
        wrap(words, room).into_iter().map(|l| Line::raw(format!("  {l}"))).collect()
    };
    let mut blocks = Vec::new();
    if !place_fits {
        blocks.push(Block::new(vec![Line::styled(format!("  {}", cut(theme, &place, room)), theme.dim())], 3));
    }
    blocks.push(rows(app, theme, width, &dialog(app), 0, 0));
    let mut said = Vec::new();
    let (proved, words) = proof(app);
    let (glyph, style) = if proved {
        (Glyph::Done, theme.good())
    } else {
        (Glyph::Warning, theme.warning())
    };
    for (n, line) in wrap(&words, room.saturating_sub(2)).into_iter().enumerate() {
        let mark = if n == 0 { theme.glyph(glyph) } else { " " };
        said.push(Line::styled(format!("  {mark} {line}"), style));
    }
    for warning in warnings(app) {
        for (n, line) in wrap(&warning, room.saturating_sub(2)).into_iter().enumerate() {
            let mark = if n == 0 { theme.glyph(Glyph::Warning) } else { " " };
            said.push(Line::styled(format!("  {mark} {line}"), theme.warning()));
        }
    }
    blocks.push(Block::new(said, 0));
    let mind = if theme.ascii { MIND.replace('…', "...") } else { MIND.to_owned() };
    blocks.push(Block::new(text(&mind), 2));
    let mut again = rows(app, theme, width, &repeats(app), dialog(app).len(), 1);
    let head = match &app.okteto.saved {
        Some(Err(fault)) => Line::styled(
            format!("  {} Answers not saved: {}", theme.glyph(Glyph::Warning), cut(theme, &fault.message, room.saturating_sub(24))),
            theme.warning(),
        ),
        _ => Line::styled("  To repeat this run, without the wizard", theme.dim()),
    };
    again.lines.insert(0, head);
    again.cursor = again.cursor.map(|row| row + 1);
    blocks.push(again);
    blocks.push(Block::new(
        vec![
            key_line("e", "the same as a Kubernetes resource, for kubectl"),
            key_line("Enter", "done in Okteto; T pulls once more"),
        ],
        4,
    ));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    put_blocks(frame, theme, body, blocks);
}

fn key_line(key: &str, words: &str) -> Line<'static> {
    Line::from(vec![Span::raw(format!("  {key:6} ")), Span::raw(words.to_owned())])
}

/// Values with their names, one of which may be selected. `first` is the place of the first one among all.
fn rows(
    app: &App,
    theme: Theme,
    width: usize,
    values: &[crate::app::steps::okteto::Value],
    first: usize,
    spare: u8,
) -> Block {
    let all = dialog(app).len() + repeats(app).len();
    let at = app.okteto.cursor.within(all);
    let mut block = Block::new(Vec::new(), spare);
    for (i, value) in values.iter().enumerate() {
        let here = at == first + i;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let hint = if here { "   y copies" } else { "" };
        let room = width.saturating_sub(2 + NAME + 11 + 1);
        let text = cut(theme, &value.text, room);
        let (name, style) = (value.name, if here { theme.selected() } else { theme.plain() });
        if here {
            block.cursor = Some(i);
        }
        block.lines.push(Line::from(vec![
            Span::styled(format!("{mark} "), theme.accent()),
            Span::styled(format!("{name:NAME$}"), theme.dim()),
            Span::styled(text, style),
            Span::styled(hint, theme.dim()),
        ]));
    }
    if values.is_empty() {
        block.lines.push(Line::raw("  The values are not known yet: steps 2 and 4 make them."));
    }
    block
}

/// Puts the blocks one under the other, with a blank row between them where there is room; the spare ones go where
/// there is not. `i` shows all of it.
fn put_blocks(frame: &mut Frame<'_>, theme: Theme, area: Rect, mut blocks: Vec<Block>) {
    let height = usize::from(area.height);
    let rows = |blocks: &[Block]| blocks.iter().map(|b| b.lines.len()).sum::<usize>();
    let mut hidden = false;
    while rows(&blocks) > height {
        let Some(i) = (0..blocks.len())
            .filter(|i| blocks.get(*i).is_some_and(|b| b.spare > 0 && b.cursor.is_none()))
            .max_by_key(|i| blocks.get(*i).map(|b| b.spare))
        else {
            break;
        };
        blocks.remove(i);
        hidden = true;
    }
    let gaps = blocks.len();
    let gap = u16::from(rows(&blocks) + gaps <= height);
    let mut n = gap;
    for block in blocks {
        for (i, line) in block.lines.into_iter().enumerate() {
            if block.cursor == Some(i) && n < area.height {
                frame.set_cursor_position(Position::new(area.x, area.y + n));
            }
            put(frame, area, n, line);
            n += 1;
        }
        n += gap;
    }
    if hidden && area.height > 0 {
        let words = format!("{} i shows all", theme.glyph(Glyph::More));
        put_ends(frame, area, area.height - 1, Line::default(), Line::styled(words, theme.dim()));
    }
}

fn manifest(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let files = files(app);
    let at = app.okteto.cursor.within(files.len());
    let namespace = app.draft.namespace.as_deref().unwrap_or(crate::render::okteto::NAMESPACE);
    put_ends(
        frame,
        area,
        0,
        title(theme, "The same as a Kubernetes resource", true),
        Line::styled(format!("namespace {namespace} "), theme.dim()),
    );
    let roomy = u16::from(area.height >= 16);
    let mut n = 1 + roomy;
    let [yaml, command] = files.as_slice() else {
        put(frame, area, n, Line::raw("  The values are not known yet: steps 2 and 4 make them."));
        return;
    };
    let mark = |i: usize| if at == i { theme.glyph(Glyph::Cursor) } else { " " };
    let mut head = |frame: &mut Frame<'_>, n: u16, i: usize, words: &str, hint: &str| {
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
    head(frame, n, 0, "registry.yaml", "   y copies it, P prints it");
    n += 1;
    // The command's rows are always in sight; a manifest that does not fit scrolls no further than its values.
    let after = 4 + 2 * roomy;
    let room = usize::from(area.height.saturating_sub(n + after).max(1));
    let lines: Vec<&str> = yaml.text.lines().collect();
    let top = scroll(lines.len(), lines.len(), room);
    let width = usize::from(area.width).saturating_sub(6);
    for line in lines.iter().skip(top).take(room) {
        put(frame, area, n, Line::raw(format!("    {}", cut(theme, line, width))));
        n += 1;
    }
    n += roomy;
    let first = command.text.lines().next().unwrap_or_default();
    head(frame, n, 1, &cut(theme, first, width.saturating_sub(14)), "   y copies all");
    put(frame, area, n + 1, Line::styled("    the lines above, then EOF", theme.dim()));
    n += 2 + roomy;
    let note = "Okteto shows an object made this way as read-only. Needs rights in its namespace.";
    for line in wrap(note, usize::from(area.width).saturating_sub(4)) {
        put(frame, area, n, Line::raw(format!("  {line}")));
        n += 1;
    }
    for warning in warnings(app) {
        n += roomy;
        for line in wrap(&format!("{} {warning}", theme.glyph(Glyph::Warning)), width) {
            put(frame, area, n, Line::styled(format!("  {line}"), theme.warning()));
            n += 1;
        }
    }
}
