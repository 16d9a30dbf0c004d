use super::algorithm::Algorithm;
use super::key::VerifyingKey;

/// What a set has for a token.
#[derive(Debug)]
pub(super) enum Candidates<'a> {
    /// This key and no other.
    One(&'a VerifyingKey),
    /// There is a key of that name, which does not permit the algorithm; or the token has no name, and
    /// several keys permit it. A newer set is no help.
    Refused,
    /// There is no such key. A newer set may have it.
    Unknown,
}

impl<'a> Candidates<'a> {
    pub(super) fn among(keys: &'a [VerifyingKey], kid: Option<&str>, algorithm: Algorithm) -> Self {
        let mut named = keys
            .iter()
            .filter(|key| kid.is_some() && key.kid() == kid)
            .peekable();
        if named.peek().is_some() {
            let key = named.find(|key| key.permits(algorithm));
            return key.map_or(Candidates::Refused, Candidates::One);
        }
        if kid.is_some() && keys.iter().any(|key| key.kid().is_some()) {
            return Candidates::Unknown;
        }
        let mut fitting = keys.iter().filter(|key| key.permits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Candidates::One(key),
            (Some(_), Some(_)) => Candidates::Refused,
            (None, _) => Candidates::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::key_set::KeySet;
    use super::super::vectors::set;
    use super::*;

    const RSA: &str = "RFC 7515 A.2";
    const OTHER_RSA: &str = "RFC 7520 4.1";
    const P256: &str = "RFC 7515 A.3";
    const ED25519: &str = "RFC 8037 A.4";

    /// Rows of a name, a token's `kid` and algorithm, and what is expected of the set.
    fn check(set: &KeySet, rows: &[(&str, Option<&str>, Algorithm, &str)]) {
        for (name, kid, algorithm, expected) in rows {
            let found = match set.candidates(*kid, *algorithm) {
                Candidates::One(key) => format!("key {}", set.place_of(key)),
                Candidates::Refused => "refused".into(),
                Candidates::Unknown => "unknown".into(),
            };
            assert_eq!(found, *expected, "{name}");
        }
    }

    #[test]
    fn a_name_finds_the_key_that_has_it_and_permits_the_algorithm() {
        let set = set(&[
            (RSA, json!({"kid": "a", "alg": "RS256"})),
            (OTHER_RSA, json!({"kid": "b", "alg": "RS256"})),
            (P256, json!({"kid": "c"})),
            (ED25519, json!({"kid": "c"})),
        ]);
        let rows = [
            ("the first", Some("a"), Algorithm::Rs256, "key 0"),
            ("the second", Some("b"), Algorithm::Rs256, "key 1"),
            ("by type", Some("c"), Algorithm::Es256, "key 2"),
            ("by other type", Some("c"), Algorithm::EdDsa, "key 3"),
            ("not permitted", Some("a"), Algorithm::Ps256, "refused"),
            ("not of its type", Some("a"), Algorithm::Es256, "refused"),
            ("as a secret", Some("a"), Algorithm::Hs256, "refused"),
            ("unknown", Some("d"), Algorithm::Rs256, "unknown"),
            ("in capitals", Some("A"), Algorithm::Rs256, "unknown"),
            ("empty", Some(""), Algorithm::Rs256, "unknown"),
            ("with a space", Some("a "), Algorithm::Rs256, "unknown"),
            ("no name, several fit", None, Algorithm::Rs256, "refused"),
            ("no name, one fits", None, Algorithm::Es256, "key 2"),
            ("no name, none fits", None, Algorithm::Es384, "unknown"),
        ];
        check(&set, &rows);
    }

    #[test]
    fn a_name_is_ignored_where_no_key_has_one() {
        let rows = [
            ("a name", Some("z"), Algorithm::Rs256, "key 0"),
            ("no name", None, Algorithm::Es256, "key 1"),
            ("none fits", Some("z"), Algorithm::EdDsa, "unknown"),
        ];
        check(
            &set(&[(RSA, json!({"alg": "RS256"})), (P256, json!({}))]),
            &rows,
        );
        let rows = [
            ("several fit", Some("z"), Algorithm::Ps384, "refused"),
            ("several fit and no name", None, Algorithm::Ps384, "refused"),
        ];
        check(&set(&[(RSA, json!({})), (OTHER_RSA, json!({}))]), &rows);
        let rows = [
            ("no keys", Some("a"), Algorithm::Rs256, "unknown"),
            ("no keys and no name", None, Algorithm::Rs256, "unknown"),
        ];
        check(&set(&[]), &rows);
    }

    #[test]
    fn a_key_without_a_name_beside_others_is_for_tokens_without_one() {
        let rows = [
            ("by name", Some("a"), Algorithm::Rs256, "key 0"),
            ("unknown name", Some("z"), Algorithm::Es256, "unknown"),
            ("no name", None, Algorithm::Es256, "key 1"),
        ];
        let named = (RSA, json!({"kid": "a", "alg": "RS256"}));
        check(&set(&[named, (P256, json!({}))]), &rows);
    }
}
