//! Dates of conditions: the W3C's forms of ISO 8601, or seconds since 1970 (condition operators reference, "Date").

use jiff::Timestamp;

/// The instant that a text stands for; `None` if it is no date. A year, a month or a day stands for its beginning, in UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    // Four digits are a year.
    if text.len() != 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    let rest = match text.len() {
        4 => "-01-01T00:00Z",
        7 => "-01T00:00Z",
        10 => "T00:00Z",
        _ => "",
    };
    format!("{text}{rest}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_1970() {
        for (text, seconds) in [
            ("1970", 0),
            ("1970-01-02", 86_400),
            ("1969-12-31", -86_400),
            ("2000-03", 951_868_800),
            ("2024-02-29T12:30Z", 1_709_209_800),
            ("2026-11-24T00:00:00Z", 1_795_478_400),
            ("2026-11-24T01:30:00.000+01:30", 1_795_478_400),
            ("2026-11-23T19:00:00-05:00", 1_795_478_400),
            ("1795478400", 1_795_478_400),
        ] {
            assert_eq!(instant(text).map(Timestamp::as_second), Some(seconds), "{text}");
        }
        let half = instant("1970-01-01T00:00:00.5Z").unwrap();
        assert_eq!(half.as_nanosecond(), 500_000_000);
        for wrong in [
            "",
            "x",
            "2023-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-1-1",
            "2026-01-01T00:00",
            "2026-01-01T24:00Z",
            "2026-01-01T00:00:00.Z",
            "-1",
            "2026-01-01-01",
            "20260é",
        ] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
