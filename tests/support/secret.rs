//! Looks for what must not be anywhere.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Fails where a secret, or its base64, is in an output or in any file under `folder`.
pub fn assert_nowhere(secret: &str, outputs: &[&str], folder: &Path) {
    assert!(secret.len() >= 8, "{secret:?} is too short to be looked for");
    let forms =
        [secret.to_owned(), STANDARD.encode(secret), STANDARD.encode(format!("AWS:{secret}"))];
    let hidden = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        forms.iter().any(|form| text.contains(form.trim_end_matches('=')))
    };
    for (index, output) in outputs.iter().enumerate() {
        assert!(!hidden(output.as_bytes()), "a secret is in output {index}:\n{output}");
    }
    visit(folder, &mut |path, bytes| {
        assert!(!hidden(bytes), "a secret is in {}", path.display());
    });
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, look);
        } else if let Ok(bytes) = std::fs::read(&path) {
            look(&path, &bytes);
        }
    }
}
