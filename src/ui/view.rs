//! The whole picture for a state.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::frame;
use super::theme::Theme;
use super::{over, screens};
use crate::app::step::Step;
use crate::app::wizard::{App, SMALLEST};

/// Draws the state. Draws at any size; below the smallest it says so instead.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(frame, area, app, theme);
    }
    match app.step {
        Step::Mode => screens::mode::draw(frame, app, theme),
        Step::Identity => screens::identity::draw(frame, app, theme),
        Step::Access => screens::access::draw(frame, app, theme),
        Step::Apply => screens::apply::draw(frame, app, theme),
        Step::Pull => screens::pull::draw(frame, app, theme),
        Step::Okteto => screens::okteto::draw(frame, app, theme),
        Step::Rotation => screens::rotation::draw(frame, app, theme),
        Step::Runs => screens::runs::draw(frame, app, theme),
        Step::Undo => screens::undo::draw(frame, app, theme),
        Step::Review => screens::review::draw(frame, app, theme),
        Step::Mend => screens::mend::draw(frame, app, theme),
        Step::Practice => screens::practice::draw(frame, app, theme),
        Step::Tutorial => screens::tutorial::draw(frame, app, theme),
    }
    over::draw(frame, app, theme);
    if theme.mask {
        mask(frame.buffer_mut(), account(app));
    }
    if theme.ascii {
        to_ascii(frame.buffer_mut());
    }
}

fn too_small(frame: &mut Frame<'_>, area: Rect, app: &App, theme: Theme) {
    let lines = [
        format!("This window is {} x {}.", area.width, area.height),
        format!("The wizard needs {} x {}.", SMALLEST.0, SMALLEST.1),
        String::new(),
        "Your answers are kept.".to_owned(),
        "Make the window bigger, or".to_owned(),
        "press q to leave.".to_owned(),
    ];
    let top = u16::from(area.height > 8 || app.setup.practice);
    if app.setup.practice {
        let inner = Rect { x: 1, width: area.width.saturating_sub(1), ..area };
        frame::put(frame, inner, 0, Line::styled(frame::PRACTICE, theme.practice()));
    }
    for (n, line) in (top..).zip(lines) {
        frame::put(frame, area, n, Line::raw(format!(" {line}")));
    }
}

/// The account of the caller, if it is known.
#[must_use]
pub fn account(app: &App) -> Option<&str> {
    app.who.known().map(|caller| caller.account.as_str())
}

/// Replaces what is left beyond ASCII, such as the marks within a sentence or a foreign tag, or all signs of a picture
/// that was not drawn in ASCII.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let stand_in = match cell.symbol() {
                "…" => '~',
                "✗" => 'x',
                "✓" | "┬" | "┴" => '+',
                "•" | "●" => '*',
                "○" => 'o',
                "·" | "│" | "▌" => '|',
                "→" | "▸" | "❯" | "▶" => '>',
                "─" | "━" | "░" => '-',
                "█" => '#',
                "╺" | "╸" => '=',
                "↑" => '^',
                "↓" => 'v',
                "←" => '<',
                "’" | "‘" => '\'',
                "“" | "”" => '"',
                _ => '?',
            };
            cell.set_char(stand_in);
        }
    }
}

/// Replaces the digits of account ids, for a room that looks on.
pub fn mask(buffer: &mut Buffer, account: Option<&str>) {
    for place in digits_of_accounts(buffer, account) {
        if let Some(cell) = buffer.cell_mut(place) {
            cell.set_char('x');
        }
    }
}

/// Where the digits of account ids are; of the caller's account also those that a cut or the end of a line has left of it.
#[must_use]
pub fn digits_of_accounts(buffer: &Buffer, account: Option<&str>) -> Vec<Position> {
    let area = buffer.area;
    let mut places = Vec::new();
    for y in area.top()..area.bottom() {
        let digit = |x: u16| {
            buffer.cell((x, y)).is_some_and(|c| c.symbol().bytes().all(|b| b.is_ascii_digit()))
        };
        let mut x = area.left();
        while x < area.right() {
            let run = (x..area.right()).take_while(|x| digit(*x)).count();
            let run = u16::try_from(run).unwrap_or(u16::MAX);
            let text = || -> String {
                (x..x + run)
                    .filter_map(|x| buffer.cell((x, y)))
                    .map(ratatui::buffer::Cell::symbol)
                    .collect()
            };
            let is_piece = |piece: String| {
                account.is_some_and(|a| a.starts_with(&piece) || a.ends_with(&piece))
            };
            if run == 12 || (run >= 3 && is_piece(text())) {
                places.extend((x..x + run).map(|x| Position::new(x, y)));
            }
            x = x.saturating_add(run.max(1));
        }
    }
    places
}
