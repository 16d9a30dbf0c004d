use std::time::Duration;

use time::OffsetDateTime;

use super::error::SignError;

/// `20150830T123600Z`
pub(super) fn amz_date(since_epoch: Duration) -> Result<String, SignError> {
    let out_of_range = || SignError::new("the time is after the year 9999");
    let seconds = i64::try_from(since_epoch.as_secs()).map_err(|_| out_of_range())?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| out_of_range())?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let mut text = String::with_capacity(16);
    for two in [year / 100, year % 100, u8::from(month).into(), day.into()] {
        push_two_digits(&mut text, two);
    }
    text.push('T');
    for two in [hour, minute, second] {
        push_two_digits(&mut text, two.into());
    }
    text.push('Z');
    Ok(text)
}

/// The standard library's formatting would take longer than the hash.
fn push_two_digits(text: &mut String, number: i32) {
    for digit in [number / 10, number % 10] {
        text.push(char::from(b'0' + digit.to_le_bytes()[0]));
    }
}

pub(super) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [0; 64];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    hex
}
