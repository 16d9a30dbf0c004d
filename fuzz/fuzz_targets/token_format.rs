//! The format of a token, against a slow twin. A token made of any random bytes is recognised, and no text
//! that differs from it in one character is.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use portcullis::token::TokenFormat;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    prefix: &'a str,
    text: &'a str,
    random: &'a [u8],
    place: u8,
    other: char,
}

fuzz_target!(|input: Input<'_>| {
    let format = TokenFormat::new(input.prefix);
    assert_eq!(format.is_ok(), is_prefix(input.prefix));
    let format = format.unwrap_or_default();
    for text in [input.text, input.prefix] {
        assert_eq!(
            format.recognise(text),
            recognises(format.prefix(), text),
            "{text}"
        );
    }

    let mut random = input.random.iter().copied().chain(0..=u8::MAX).cycle();
    let token = format.generate_from(|bytes| {
        bytes
            .iter_mut()
            .for_each(|byte| *byte = random.next().expect("without an end"));
    });
    let token = token.expose();
    assert_eq!(token, made_of(format.prefix(), input.random));
    assert!(format.recognise(token) && recognises(format.prefix(), token));

    let mut characters: Vec<char> = token.chars().collect();
    let place = usize::from(input.place) % characters.len();
    if characters[place] != input.other {
        characters[place] = input.other;
        let changed: String = characters.iter().collect();
        assert!(!format.recognise(&changed), "{changed}");
        characters.remove(place);
        let shorter: String = characters.iter().collect();
        assert_eq!(
            format.recognise(&shorter),
            recognises(format.prefix(), &shorter)
        );
    }
});

const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn is_prefix(prefix: &str) -> bool {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    let mut characters = prefix.chars();
    characters
        .next()
        .is_some_and(|first| letters.contains(first))
        && characters.all(|other| letters.contains(other) || "0123456789".contains(other))
        && (2..=16).contains(&prefix.chars().count())
}

fn recognises(prefix: &str, text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let length = prefix.len() + 1 + 30;
    if characters.len() != length + 6 {
        return false;
    }
    let head: String = characters[..length].iter().collect();
    let body: String = characters[prefix.len() + 1..length].iter().collect();
    text.starts_with(&format!("{prefix}-"))
        && body.chars().all(|character| DIGITS.contains(character))
        && text == format!("{head}{}", checksum(&head))
}

fn made_of(prefix: &str, random: &[u8]) -> String {
    let letters = random.iter().copied().chain(0..=u8::MAX).cycle();
    // 62 goes four times into 248.
    let letters = letters.filter(|byte| *byte < 248).take(30);
    let letters = letters.map(|byte| DIGITS.as_bytes()[usize::from(byte % 62)]);
    let head = format!("{prefix}-{}", letters.map(char::from).collect::<String>());
    format!("{head}{}", checksum(&head))
}

/// CRC-32 bit by bit (ISO 3309, as in gzip), then six digits by powers of 62.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        for bit in 0..8 {
            let is_odd = (crc ^ u32::from(byte >> bit)) & 1 == 1;
            crc = (crc >> 1) ^ if is_odd { 0xEDB8_8320 } else { 0 };
        }
    }
    let crc = u64::from(!crc);
    let digit = |power: u32| crc / 62_u64.pow(power) % 62;
    let digits = (0..6)
        .rev()
        .map(|power| DIGITS.as_bytes()[digit(power) as usize]);
    digits.map(char::from).collect()
}
