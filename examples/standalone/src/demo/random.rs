/// Letters and digits that look different from each other and need no escape in a URL or a shell.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// The number of characters, of five bits each: 130 bits in all.
const LENGTH: usize = 26;

/// A random password from the operating system's generator.
pub(super) fn password() -> Result<String, getrandom::Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    // 256 is a multiple of 32, so all characters are equally likely.
    let characters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    Ok(characters.iter().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn passwords_use_the_alphabet_and_differ() {
        assert_eq!(ALPHABET.iter().collect::<HashSet<_>>().len(), 32);
        let passwords = [(); 100].map(|()| password().unwrap());
        for password in &passwords {
            assert_eq!(password.len(), LENGTH);
            assert!(password.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
        assert_eq!(passwords.iter().collect::<HashSet<_>>().len(), 100);
    }
}
