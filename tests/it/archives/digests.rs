use portcullis::pypi::archive::Digester;

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.map(|digit| char::from_digit(digit.into(), 16));
    digits.map(Option::unwrap).collect()
}

/// By Python's `hashlib`.
#[test]
fn the_digests_are_those_of_hashlib() {
    for (name, parts, md5, sha256, blake2_256) in [
        (
            "nothing",
            &[][..],
            "d41d8cd98f00b204e9800998ecf8427e",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
        ),
        (
            "in two parts",
            &[&b"a"[..], b"bc"],
            "900150983cd24fb0d6963f7d28e17f72",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
        ),
    ] {
        let mut digester = Digester::new();
        let mut with_md5 = Digester::new().with_md5();
        for part in parts {
            digester.update(part);
            with_md5.update(part);
        }
        let (digests, with_md5) = (digester.finish(), with_md5.finish());
        assert_eq!(digests.md5(), None, "{name}");
        assert_eq!(
            with_md5.md5().map(|it| hex(it)).as_deref(),
            Some(md5),
            "{name}"
        );
        for digests in [digests, with_md5] {
            assert_eq!(hex(digests.sha256()), sha256, "{name}");
            assert_eq!(hex(digests.blake2_256()), blake2_256, "{name}");
            let length: usize = parts.iter().map(|part| part.len()).sum();
            assert_eq!(digests.length(), length as u64, "{name}");
        }
    }
}
