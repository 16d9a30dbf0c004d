/// What the program opens beside connections: the log, the files of settings, the runtime's own.
#[cfg(unix)]
const OTHER_FILES: u64 = 64;

/// Makes room for so many connections, each with one to S3, as far as the system lets the process.
/// Where it does not, says how many files there may be.
#[cfg(unix)]
pub(crate) fn make_room(connections: u32) -> Result<(), u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let needed = 2 * u64::from(connections) + OTHER_FILES;
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
pub(crate) fn make_room(_connections: u32) -> Result<(), u64> {
    Ok(())
}
