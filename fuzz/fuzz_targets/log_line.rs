//! What the standalone program writes of a client's bytes into its log: one field without spaces, one
//! quoted text, and JSON, each of which reads back as it was and prints nothing but itself.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The program is no library, so its file is compiled here.
#[path = "../../examples/standalone/src/escape.rs"]
mod escape;
use escape::{Field, Quoted, printable_json};

fuzz_target!(|text: &str| {
    let field = Field(text).to_string();
    assert!(!field.is_empty() && !field.contains(' '), "{field:?}");
    if text.is_empty() {
        assert_eq!(field, "-");
    } else {
        assert_eq!(unescaped(&field).as_deref(), Some(text));
    }

    let quoted = Quoted(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let inner = inner.expect("two quotes");
    assert_eq!(unescaped(inner).as_deref(), Some(text));
    // A reader finds the end at the first quote that is not escaped.
    assert_eq!(end_of(inner), None, "{quoted:?}");

    let json = serde_json::to_string(text).expect("a text");
    let printable = printable_json(&json);
    let read: String = serde_json::from_str(&printable).expect("JSON");
    assert_eq!(read, text);
    for line in [&field, &quoted, &printable] {
        assert!(line.chars().all(prints), "{line:?}");
    }
});

/// Whether a terminal shows it as one glyph in its place: no control, no separator of lines, no change of
/// direction, nothing invisible.
fn prints(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{A0}' | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}'
                | '\u{2060}'..='\u{206F}' | '\u{3000}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Reads the escapes of a Rust string. `None` if one is unknown.
fn unescaped(text: &str) -> Option<String> {
    let (mut read, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        if c != '\\' {
            read.push(c);
            continue;
        }
        read.push(match rest.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            same @ ('\\' | '"') => same,
            'u' => {
                let digits = rest.as_str().strip_prefix('{')?;
                let (digits, after) = digits.split_once('}')?;
                rest = after.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(read)
}

fn end_of(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}
