//! Keys of Infineon's RSA library, whose primes can be computed from the modulus.

/// The odd primes below 168, whose product divides the modulus of the weak generator at every key size.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The base of the powers to which the weak primes are congruent.
const BASE: u32 = 65537;

/// Whether an RSA modulus has the fingerprint of CVE-2017-15361, by the discrete logarithm test of Nemec et al.,
/// "The Return of Coppersmith's Attack", section 4: it is a power of 65537 modulo the product of small primes.
///
/// A modulus of another generator has it with a probability of about 2^-155.
pub(super) fn is_fingerprint(modulus: &[u8]) -> bool {
    let mut found: Vec<Congruence> = Vec::with_capacity(PRIMES.len());
    for prime in PRIMES {
        let rest = modulus
            .iter()
            .fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        let Some(exponent) = Congruence::of(rest, prime) else {
            return false;
        };
        // By the Chinese remainder theorem, there is one exponent for all primes if each two agree.
        if !found.iter().all(|other| other.agrees_with(&exponent)) {
            return false;
        }
        found.push(exponent);
    }
    true
}

/// The exponents of a power: all that leave this rest.
struct Congruence {
    rest: u32,
    modulus: u32,
}

impl Congruence {
    /// The exponents for which the power of [`BASE`] modulo `prime` is `power`.
    fn of(power: u32, prime: u32) -> Option<Self> {
        let base = BASE % prime;
        let (mut exponent, mut order, mut value) = (None, 0, 1);
        loop {
            if value == power {
                exponent = Some(order);
            }
            value = value * base % prime;
            order += 1;
            if value == 1 {
                break;
            }
        }
        exponent.map(|rest| Self {
            rest,
            modulus: order,
        })
    }

    fn agrees_with(&self, other: &Self) -> bool {
        let common = greatest_common_divisor(self.modulus, other.modulus);
        self.rest % common == other.rest % common
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::super::base64url;
    use super::is_fingerprint;

    /// The modulus of `jws_rsa_roca_key`, test 7 of Wycheproof's `json_web_key_test.json`.
    const WEAK: &str = include_str!("vectors/roca.txt");

    #[test]
    fn a_weak_key_is_told_from_its_neighbours() {
        // roca-detect 1.2.12 judges all of them alike, by its discrete logarithm.
        for (name, end, is_weak) in [
            (
                "Wycheproof's key",
                "htjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE",
                true,
            ),
            (
                "a power by each prime, of other exponents",
                "qsPimU-hMMDZDsCO4Yov3Ipn0O7jyl1m0eK3s",
                false,
            ),
            ("two more", "htjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyM", false),
        ] {
            let begin = &WEAK.trim_end()[..343 - end.len()];
            let modulus = base64url::decode(&format!("{begin}{end}")).unwrap();
            assert_eq!(is_fingerprint(&modulus), is_weak, "{name}");
        }
    }
}
