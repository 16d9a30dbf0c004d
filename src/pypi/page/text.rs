use std::time::{SystemTime, UNIX_EPOCH};

/// The version of the API that the pages fulfil (PEP 792). Of 1.2 they have no part, since it is optional.
pub(super) const API_VERSION: &str = "1.4";

/// A file name as one segment of a URL. Of its characters only these two are encoded: some stores read a bare
/// `+` as a space.
pub(super) fn push_encoded(page: &mut String, name: &str) {
    for c in name.chars() {
        match c {
            '+' => page.push_str("%2B"),
            '!' => page.push_str("%21"),
            _ => page.push(c),
        }
    }
}

/// Writes `2026-01-31T09:00:00Z`; nothing for a time that has no such form.
pub(super) fn timestamp(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let month = u8::from(month);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}
