//! The wall clock. Nothing else reads it.

/// Seconds since 1970, as token claims count them.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn unix_now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The day, in UTC, so that everybody has the same.
#[must_use]
pub fn today() -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(now()).date()
}

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
