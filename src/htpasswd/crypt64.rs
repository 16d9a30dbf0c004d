//! The base64 of crypt(3): its own alphabet, low bits first, and the bytes of the digest permuted.

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The place in an MD5 digest of each byte of the decoded text.
pub(super) const MD5_ORDER: [u8; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/// The same for SHA-256.
pub(super) const SHA256_ORDER: [u8; 32] = [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28,
    18, 29, 19, 9, 30, 31,
];

/// The same for SHA-512.
pub(super) const SHA512_ORDER: [u8; 64] = [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8,
    50, 51, 30, 9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58,
    37, 38, 17, 59, 60, 39, 18, 19, 61, 40, 41, 20, 62, 63,
];

/// Decodes a digest. `None` if the length or alphabet is wrong, or a bit is set that no encoder sets.
pub(super) fn decode<const N: usize>(text: &str, order: &[u8; N]) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(6) {
        return None;
    }
    let mut digest = [0; N];
    let mut places = order.iter();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits |= u32::try_from(value).ok()? << count;
        count += 6;
        if count >= 8 {
            digest[usize::from(*places.next()?)] = bits.to_le_bytes()[0];
            bits >>= 8;
            count -= 8;
        }
    }
    (bits == 0).then_some(digest)
}

/// Whether a salt has 1 to `longest` characters of the alphabet.
pub(super) fn is_salt(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_names_each_byte_once() {
        for order in [&MD5_ORDER[..], &SHA256_ORDER, &SHA512_ORDER] {
            let mut sorted = order.to_vec();
            sorted.sort_unstable();
            assert!(
                sorted
                    .iter()
                    .map(|byte| usize::from(*byte))
                    .eq(0..order.len())
            );
        }
    }

    #[test]
    fn a_digest_has_one_spelling() {
        for (name, text, good) in [
            ("zeros", "......................", true),
            ("the highest last character", ".....................1", true),
            ("a stray bit", ".....................2", false),
            ("too short", ".....................", false),
            ("too long", ".......................", false),
            ("another alphabet", "+.....................", false),
            ("not ASCII", "é....................", false),
        ] {
            assert_eq!(decode(text, &MD5_ORDER).is_some(), good, "{name}");
        }
    }
}
