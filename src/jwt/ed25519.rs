/// Points of order 8, without the sign of x.
const ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether the point has the order 1, 2, 4 or 8.
///
/// Anybody can make signatures for such a key that the library verifies: RFC 8032 does not require the
/// check.
pub(super) fn has_small_order(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    // As y = 0 and y = 1 may be written, and y = -1.
    let others = [
        of(0x00, 0x00, 0x00),
        of(0xed, 0xff, 0x7f),
        of(0x01, 0x00, 0x00),
        of(0xee, 0xff, 0x7f),
        of(0xec, 0xff, 0x7f),
    ];
    others.contains(&y) || ORDER_8.contains(&y)
}

/// Little-endian.
const fn of(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut y = [between; 32];
    (y[0], y[31]) = (first, last);
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(hex: &str) -> [u8; 32] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"))
    }

    #[test]
    fn no_point_of_small_order_is_a_key() {
        let (zeros, ones) = ("00".repeat(30), "ff".repeat(30));
        // The points of small order in libsodium's list, which are those of table 1 of "Taming the many
        // EdDSAs" (2020), and keys of RFC 8032 section 7.1.
        for (name, hex, is_small) in [
            ("y = 0", format!("00{zeros}00"), true),
            ("y = p", format!("ed{ones}7f"), true),
            ("y = 1", format!("01{zeros}00"), true),
            ("y = p + 1", format!("ee{ones}7f"), true),
            ("y = -1", format!("ec{ones}7f"), true),
            (
                "of order 8",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".into(),
                true,
            ),
            (
                "of order 8, the other",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".into(),
                true,
            ),
            (
                "test 1",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".into(),
                false,
            ),
            (
                "test 2",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c".into(),
                false,
            ),
        ] {
            let plain = point(&hex);
            let mut signed = plain;
            signed[31] |= 0x80;
            assert_eq!(has_small_order(&plain), is_small, "{name}");
            assert_eq!(has_small_order(&signed), is_small, "{name}, with the sign");
        }
    }
}
