//! What looks like a secret in a picture. No screen draws one unasked; but a token or a key may be typed, or pasted, into a
//! field that is not for it.

use ratatui::buffer::Buffer;

/// So many characters in a row, of those that web tokens are made of, are hardly anything else.
const PIECE: usize = 43;
/// Behind the first letters of a web token fewer will do.
const HEAD: usize = 16;
/// The length of a secret access key (IAM API reference, `AccessKey`: an example of 40).
const KEY: usize = 40;

/// Dots in the place of what looks like a piece of a web token or like the secret of an access key.
pub(super) fn tokens(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for url_safe in [true, false] {
            let letter = |buffer: &Buffer, x: u16| {
                let mut chars = buffer.cell((x, y))?.symbol().chars();
                let c = chars.next().filter(|_| chars.next().is_none())?;
                is_letter(c, url_safe).then_some(c)
            };
            let mut x = area.left();
            while x < area.right() {
                let run: String = (x..area.right()).map_while(|x| letter(buffer, x)).collect();
                let end = x.saturating_add(u16::try_from(run.len()).unwrap_or(u16::MAX));
                if is_secret(&run, url_safe) {
                    for x in x..end {
                        if let Some(cell) = buffer.cell_mut((x, y)) {
                            cell.set_char('.');
                        }
                    }
                }
                x = end.max(x.saturating_add(1));
            }
        }
    }
}

/// Whether base64 has the character: that of web tokens, or that of access keys.
fn is_letter(c: char, url_safe: bool) -> bool {
    let other = if url_safe { ['-', '_'] } else { ['+', '/'] };
    c.is_ascii_alphanumeric() || other.contains(&c)
}

fn is_secret(run: &str, url_safe: bool) -> bool {
    let has = |kind: fn(&char) -> bool| run.chars().any(|c| kind(&c));
    let mixed =
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    let length = run.len();
    if url_safe {
        (run.starts_with("eyJ") && length >= HEAD) || (mixed && length >= PIECE)
    } else {
        mixed && length == KEY
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn hushed(text: &str) -> String {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 120, 1));
        buffer.set_string(0, 0, text, Style::default());
        tokens(&mut buffer);
        let row: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned()
    }

    #[test]
    fn pieces_of_tokens_and_keys_are_dots() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(hushed(&format!("▌ {key} x")), format!("▌ {} x", ".".repeat(40)));
        let head = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ";
        assert_eq!(hushed(&format!("a {head}")), format!("a {}", ".".repeat(head.len())));
        let tail = "K7MDENGbPxRfiCYEXAMPLEKEYwJalrXUtnFEMI_-abcdefgh";
        assert_eq!(hushed(tail), ".".repeat(tail.len()));
    }

    #[test]
    fn what_the_screens_say_stays() {
        for text in [
            "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster",
            "arn:aws:iam::112233445566:policy/AmazonEC2ContainerRegistryPullOnly",
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "112233445566.dkr.ecr.us-east-2.amazonaws.com/team/app:1.4.2",
            "https://oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E",
            "AKIAIOSFODNN7EXAMPLE",
        ] {
            assert_eq!(hushed(text), text);
        }
    }
}
