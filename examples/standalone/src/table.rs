use std::fmt::Write as _;

/// Formats rows in aligned columns. The last column is not padded.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let mut table = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = width(column).unwrap_or(0) + 2;
            // Writing into a `String` does not fail.
            let _ = write!(line, "{cell:width$}");
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}
