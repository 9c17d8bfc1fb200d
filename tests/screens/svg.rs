//! A screen as a picture: the drawn cells as SVG, for the README.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

const CELL: (f32, f32) = (8.4, 18.0);

/// The picture of a buffer.
fn of(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f32::from(columns) * CELL.0 + 24.0;
    let height = f32::from(rows) * CELL.1 + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let first = &buffer[(x, y)];
            let run: String = (x..columns)
                .map(|x| &buffer[(x, y)])
                .take_while(|c| look(c) == look(first))
                .map(Cell::symbol)
                .collect();
            let cells = u16::try_from(run.chars().count()).unwrap();
            piece(&mut svg, x, y, cells, &run, first);
            x += cells.max(1);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A picture of the README is drawn from a real run. `UPDATE_PICTURES=1` writes it anew.
pub fn assert_is(name: &str, buffer: &Buffer) {
    let picture = of(buffer);
    let path = format!("{}/assets/screens/{name}.svg", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "UPDATE_PICTURES=1 cargo test --test screens draws {name} anew");
}

fn look(cell: &Cell) -> (Color, Modifier) {
    (cell.fg, cell.modifier)
}

fn piece(svg: &mut String, x: u16, y: u16, cells: u16, text: &str, cell: &Cell) {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    if text.trim().is_empty() && !reversed {
        return;
    }
    let left = 12.0 + f32::from(x) * CELL.0;
    let top = 12.0 + f32::from(y) * CELL.1;
    let long = f32::from(cells) * CELL.0;
    let ink = match cell.fg {
        Color::Cyan => "#5fd7e0",
        Color::Green => "#8bd17c",
        Color::Yellow => "#e8c268",
        Color::Red => "#ff8278",
        _ if cell.modifier.contains(Modifier::DIM) => "#8d939e",
        _ => "#e4e6ea",
    };
    if reversed {
        writeln!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{long:.1}\" height=\"{}\" fill=\"{ink}\"/>",
            CELL.1
        )
        .unwrap();
    }
    let fill = if reversed { "#16181d" } else { ink };
    let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{long:.1}\" xml:space=\"preserve\" \
         fill=\"{fill}\"{weight}>{text}</text>",
        top + 13.5
    )
    .unwrap();
}
