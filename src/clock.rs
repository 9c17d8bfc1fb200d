//! The wall clock. Nothing else reads it.

/// Seconds since 1970, as token claims count them.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn unix_now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
