//! Dates of conditions: the W3C's forms of ISO 8601, or seconds since 1970 (condition operators reference, "Date").

/// Nanoseconds since 1970; `None` if it is no date.
pub(super) fn instant(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    // Four digits are a year.
    if text.len() != 4
        && let Some(seconds) = number(text, 1..=12)
    {
        return Some(i128::from(seconds) * SECOND);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year = number(fields.next()?, 4..=4)?;
    let month = fields.next().map_or(Some(1), |m| number(m, 2..=2))?;
    let day = fields.next().map_or(Some(1), |d| number(d, 2..=2))?;
    let february = if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    if fields.next().is_some() || day == 0 || day > length {
        return None;
    }
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let earlier = year - 1;
    let mut days = year * 365 + leaps(earlier) - (1970 * 365 + leaps(1969)) + day - 1;
    days += lengths.iter().zip(1..month).map(|(length, _)| length).sum::<i64>();
    let midnight = i128::from(days) * 86_400 * SECOND;
    time.map_or(Some(midnight), |time| Some(midnight + within_day(time)?))
}

/// `hh:mm[:ss[.s…]]` with its zone, as nanoseconds after midnight UTC.
fn within_day(text: &str) -> Option<i128> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, 0)
    } else {
        let (clock, zone) = text.split_at_checked(text.rfind(['+', '-'])?)?;
        let (sign, zone) = zone.split_at_checked(1)?;
        let (hours, minutes) = zone.split_once(':')?;
        let minutes = bounded(hours, 14)? * 60 + bounded(minutes, 59)?;
        (clock, if sign == "-" { -minutes } else { minutes })
    };
    let mut fields = clock.splitn(3, ':');
    let minutes = bounded(fields.next()?, 23)? * 60 + bounded(fields.next()?, 59)? - offset;
    let (seconds, fraction) = match fields.next() {
        Some(seconds) => match seconds.split_once('.') {
            Some((seconds, fraction)) => (bounded(seconds, 59)?, fraction),
            None => (bounded(seconds, 59)?, "0"),
        },
        None => (0, "0"),
    };
    let nanos = number(&format!("{fraction:0<9}"), 9..=9).filter(|_| !fraction.is_empty())?;
    Some(i128::from(minutes * 60 + seconds) * 1_000_000_000 + i128::from(nanos))
}

fn bounded(text: &str, most: i64) -> Option<i64> {
    number(text, 2..=2).filter(|n| *n <= most)
}

/// Digits and nothing else, so many of them.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let good = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::instant;

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
            assert_eq!(instant(text), Some(seconds * 1_000_000_000), "{text}");
        }
        assert_eq!(instant("1970-01-01T00:00:00.5Z"), Some(500_000_000));
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
