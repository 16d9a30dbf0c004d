use super::fault::Fault;
use super::{answers, cuts, framing, others};

/// All of them.
pub(crate) fn faults() -> Vec<Fault> {
    [
        cuts::cuts(),
        cuts::stale(),
        answers::errors(),
        answers::strangers(),
        framing::lengths(),
        framing::chunks(),
        others::garbage(),
        others::parts(),
        others::harmless(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
