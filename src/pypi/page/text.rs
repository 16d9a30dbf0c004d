use std::time::{SystemTime, UNIX_EPOCH};

/// The version of the API that the pages fulfil (PEP 792). Of 1.2 they have no part, since it is optional.
pub(super) const API_VERSION: &str = "1.4";

/// A file name as one segment of a URL. Of its characters only these two are encoded: some stores read a bare
/// `+` as a space.
pub(super) fn push_encoded(page: &mut String, name: &str) {
    let mut rest = name;
    while let Some(at) = rest.find(['+', '!']) {
        let (plain, after) = rest.split_at(at);
        page.push_str(plain);
        page.push_str(if after.starts_with('+') { "%2B" } else { "%21" });
        rest = &after[1..];
    }
    page.push_str(rest);
}

/// `2026-01-31T09:00:00Z`, in ASCII; nothing for a time that has no such form.
pub(super) fn timestamp(time: SystemTime) -> Option<[u8; 20]> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let [century, year] =
        [year / 100, year % 100].map(|it| u8::try_from(it).ok().filter(|it| *it < 100));
    let fields = [century?, year?, u8::from(month), day, hour, minute, second];
    let mut text = *b"0000-00-00T00:00:00Z";
    for (at, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(fields) {
        text[at] += number / 10;
        text[at + 1] += number % 10;
    }
    Some(text)
}
