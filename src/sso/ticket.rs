use super::seconds::Seconds;
use super::session::{Session, SessionId, losses_after};

/// After this many lost sessions in a row, a browser is no longer sent to the provider automatically. It
/// would loop, for example between gateways that do not share a store, or at a provider that refuses its own
/// tokens.
const MOST_LOSSES: u8 = 3;

/// The content of the cookie of a session in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) id: SessionId,
    began: Seconds,
    /// How many sessions of this browser in a row were lost before it.
    losses: u8,
}

impl Ticket {
    pub(super) fn of(session: &Session) -> Self {
        Self {
            id: session.id,
            began: session.started,
            losses: session.losses,
        }
    }

    /// How many sessions in a row were lost, if this one is not found.
    pub(super) fn lost_at(&self, now: Seconds) -> u8 {
        losses_after(self.losses, self.began, now)
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.id.to_vec();
        bytes.extend(self.began.number().to_be_bytes());
        bytes.push(self.losses);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (began, rest) = rest.split_first_chunk()?;
        let &[losses] = rest else { return None };
        Some(Self {
            id: *id,
            began: Seconds::from_number(u64::from_be_bytes(*began)),
            losses,
        })
    }
}

/// Whether the next sign-in starts only if a person requests it.
pub(super) fn are_too_many(losses: u8) -> bool {
    losses >= MOST_LOSSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_in_its_own_length() {
        let ticket = Ticket {
            id: [7; 32],
            began: Seconds::from_number(1_700_000_000),
            losses: 2,
        };
        let bytes = ticket.to_bytes();
        assert_eq!(Ticket::from_bytes(&bytes), Some(ticket));
        assert_eq!(Ticket::from_bytes(&bytes[..40]), None);
        assert_eq!(Ticket::from_bytes(&[&bytes[..], b"x"].concat()), None);
    }

    #[test]
    fn only_a_session_lost_soon_counts_as_lost() {
        let ticket = Ticket {
            id: [7; 32],
            began: Seconds::from_number(1000),
            losses: 1,
        };
        for (name, now, losses) in [
            ("at once", 1000, 2),
            ("by a clock that is behind", 900, 2),
            ("within a minute", 1059, 2),
            ("later", 1060, 0),
        ] {
            let now = Seconds::from_number(now);
            assert_eq!(ticket.lost_at(now), losses, "{name}");
        }
        let last = Ticket {
            losses: u8::MAX,
            ..ticket
        };
        assert_eq!(last.lost_at(ticket.began), u8::MAX);
    }
}
