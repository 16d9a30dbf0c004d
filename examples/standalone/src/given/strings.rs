use std::ops::Range;

use toml::de::{DeString, DeTable, DeValue};

/// Calls `visit` with each text of a table: the key that it belongs to, its place, and the text, which may be
/// changed.
pub(super) fn each_string<'a>(
    table: &mut DeTable<'a>,
    visit: &mut dyn FnMut(&str, Range<usize>, &mut DeString<'a>),
) {
    for (key, value) in table.iter_mut() {
        let place = value.span();
        each_within(key.get_ref(), place, value.get_mut(), visit);
    }
}

fn each_within<'a>(
    key: &str,
    place: Range<usize>,
    value: &mut DeValue<'a>,
    visit: &mut dyn FnMut(&str, Range<usize>, &mut DeString<'a>),
) {
    match value {
        DeValue::String(text) => visit(key, place, text),
        DeValue::Table(table) => each_string(table, visit),
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                let place = item.span();
                each_within(key, place, item.get_mut(), visit);
            }
        }
        _ => {}
    }
}
