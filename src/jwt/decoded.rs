use super::base64url;
use super::candidates::Candidates;
use super::claims::ClaimSet;
use super::compact::Compact;
use super::header::Header;
use super::key_set::KeySet;

/// The parts of a token, none of which is trusted yet.
pub(super) struct Decoded {
    pub(super) header: Header,
    pub(super) claims: ClaimSet,
    signature: Vec<u8>,
}

/// Why a set of keys does not find a signature good.
pub(super) enum Unverified {
    Bad(&'static str),
    /// It may be good, by a key that is not among these.
    LacksKey,
}

impl Decoded {
    pub(super) fn of(token: &Compact<'_>) -> Result<Self, &'static str> {
        let part = |part| base64url::decode(part).ok_or("a part is not strict base64url");
        let header = Header::parse(&part(token.header)?)?;
        let claims = ClaimSet::parse(&part(token.payload)?);
        let claims = claims.ok_or("the payload is not a strict JSON object")?;
        let signature = part(token.signature)?;
        Ok(Self {
            header,
            claims,
            signature,
        })
    }

    /// Whether these keys find the signature of the token good that this was decoded from.
    pub(super) fn verify(&self, token: &Compact<'_>, keys: &KeySet) -> Result<(), Unverified> {
        let Header { kid, algorithm, .. } = &self.header;
        let key = match keys.candidates(kid.as_deref(), *algorithm) {
            Candidates::One(key) => key,
            Candidates::Refused => {
                return Err(Unverified::Bad("no key of the issuer is the one meant"));
            }
            Candidates::Unknown => return Err(Unverified::LacksKey),
        };
        let signed = token.signing_input.as_bytes();
        if !key.verifies(*algorithm, signed, &self.signature) {
            return Err(Unverified::Bad("the signature is wrong"));
        }
        Ok(())
    }
}
