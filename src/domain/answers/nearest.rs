//! The known key that a mistyped one was most likely meant to be.

/// The nearest of the known keys by edit distance, of the whole key or of its last part.
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> &'a str {
    let last = |key: &'_ str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let far = |candidate: &&&'a str| {
        let parts = distance(&last(key), &last(candidate));
        (distance(key, candidate).min(parts), parts)
    };
    known.iter().min_by_key(far).copied().unwrap_or_default()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((y, above), corner) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((corner + usize::from(x != *y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, far) in [("", "", 0), ("kitten", "sitting", 3), ("a", "", 1), ("", "ab", 2)] {
            assert_eq!(distance(a, b), far, "{a} {b}");
        }
    }
}
