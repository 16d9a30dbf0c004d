use super::draft::MountDraft;
use super::error::SettingError;
use crate::mount::Timeouts;

/// How long the store of a mount is waited for.
pub(super) fn timeouts(draft: &MountDraft) -> Result<Timeouts, SettingError> {
    let mut timeouts = Timeouts::default();
    for (given, timeout) in [
        (&draft.connect_seconds, &mut timeouts.connect),
        (&draft.first_byte_seconds, &mut timeouts.first_byte),
        (&draft.idle_seconds, &mut timeouts.idle),
    ] {
        if let Some(given) = given {
            *timeout = given.seconds()?;
        }
    }
    Ok(timeouts)
}
