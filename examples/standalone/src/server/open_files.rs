/// Open files other than connections: the log, the settings' files, the runtime's own.
#[cfg(unix)]
const OTHER_FILES: u64 = 64;

/// Raises the limit of open files for this many connections, those to S3 included. Returns the limit as an
/// error if the system does not allow enough.
#[cfg(unix)]
pub(crate) fn make_room(connections: u64) -> Result<(), u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let needed = connections + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(now) = current.filter(|now| *now < needed) else {
        return Ok(());
    };
    let current = maximum.map_or(needed, |most| most.min(needed));
    let raised = Rlimit {
        current: Some(current),
        maximum,
    };
    let current = setrlimit(Resource::Nofile, raised).map_or(now, |()| current);
    if current < needed {
        Err(current)
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is a limit")]
pub(crate) fn make_room(_connections: u64) -> Result<(), u64> {
    Ok(())
}
