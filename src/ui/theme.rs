//! The few styles and glyphs of the program. Nothing else names a colour.

use ratatui::style::{Color, Modifier, Style};

/// How things look: with colour or without, in UTF-8 or ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours may be used. Bold, dim and reverse are used either way.
    pub colour: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// Whether account numbers are masked.
    pub mask: bool,
}

/// A sign with a meaning. Each has a stand-in of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// Done, good.
    Done,
    /// The current step.
    Here,
    /// The selected row.
    Cursor,
    /// The part with the focus.
    Focus,
    /// To come.
    ToCome,
    /// A warning.
    Warning,
    /// An error.
    Error,
    /// The bar at the side of the focused field.
    Field,
    /// Something was cut here.
    Cut,
    /// A full piece of a bar.
    Full,
    /// An empty piece of a bar.
    Empty,
    /// A piece of a horizontal rule.
    Rule,
    /// A piece of the vertical divider.
    Divider,
    /// Where the divider meets the upper rule.
    TeeDown,
    /// Where the divider meets the lower rule.
    TeeUp,
    /// Between two facts.
    Dot,
    /// More below.
    More,
    /// The start of a span on the timeline.
    SpanStart,
    /// A piece of a span.
    Span,
    /// The end of a span.
    SpanEnd,
    /// The moving end of a span.
    SpanGoing,
    /// Takes a suggestion.
    Arrow,
}

impl Theme {
    /// The sign as it is drawn.
    #[must_use]
    pub const fn glyph(self, glyph: Glyph) -> &'static str {
        let (utf8, ascii) = match glyph {
            Glyph::Done => ("✓", "ok"),
            Glyph::Here => ("●", ">"),
            Glyph::Cursor => ("❯", ">"),
            Glyph::Focus => ("▸", ">"),
            Glyph::ToCome => ("○", "-"),
            Glyph::Warning => ("!", "!"),
            Glyph::Error => ("✗", "x"),
            Glyph::Field => ("▌", "|"),
            Glyph::Cut => ("…", "~"),
            Glyph::Full => ("█", "#"),
            Glyph::Empty => ("░", "-"),
            Glyph::Rule => ("─", "-"),
            Glyph::Divider => ("│", "|"),
            Glyph::TeeDown => ("┬", "+"),
            Glyph::TeeUp => ("┴", "+"),
            Glyph::Dot => ("·", "|"),
            Glyph::More => ("↓", "v"),
            Glyph::SpanStart => ("╺", "="),
            Glyph::Span => ("━", "="),
            Glyph::SpanEnd => ("╸", "="),
            Glyph::SpanGoing => ("▶", ">"),
            Glyph::Arrow => ("→", "->"),
        };
        if self.ascii { ascii } else { utf8 }
    }

    /// Cells that a mark takes: done, error, working.
    #[must_use]
    pub const fn mark(self) -> usize {
        if self.ascii { 3 } else { 1 }
    }

    /// One picture of the spinner; four a second.
    #[must_use]
    pub const fn spinner(self, quarter_seconds: u128) -> &'static str {
        match (self.ascii, quarter_seconds % 4) {
            (true, _) => "...",
            (_, 0) => "⠋",
            (_, 1) => "⠙",
            (_, 2) => "⠹",
            _ => "⠸",
        }
    }

    /// Content.
    #[must_use]
    pub fn plain(self) -> Style {
        Style::default()
    }

    /// What one acts on.
    #[must_use]
    pub fn bold(self) -> Style {
        Style::default().add_modifier(Modifier::BOLD)
    }

    /// Where something came from; what is not to be acted on.
    #[must_use]
    pub fn dim(self) -> Style {
        Style::default().add_modifier(Modifier::DIM)
    }

    /// The cursor bar and the current step.
    #[must_use]
    pub fn accent(self) -> Style {
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Good.
    #[must_use]
    pub fn good(self) -> Style {
        self.coloured(Color::Green)
    }

    /// Look, but go on.
    #[must_use]
    pub fn warning(self) -> Style {
        self.coloured(Color::Yellow)
    }

    /// Cannot be.
    #[must_use]
    pub fn bad(self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// The selected row of the part with the focus.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::default().add_modifier(Modifier::REVERSED)
    }

    /// That it is practice.
    #[must_use]
    pub fn practice(self) -> Style {
        self.coloured(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// What was looked for.
    #[must_use]
    pub fn found(self) -> Style {
        self.bold().add_modifier(Modifier::UNDERLINED)
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colour { Style::default().fg(colour) } else { Style::default() }
    }
}
