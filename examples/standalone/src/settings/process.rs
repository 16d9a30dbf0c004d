use super::draft::Draft;
use super::error::SettingError;
use crate::access_log::LogFormat;
use crate::server::{HEADER_BYTES, Limits, ShutdownTimes};
use crate::tls::{Certificates, TlsFiles};

/// The certificate and its key, read once to see that they fit.
pub(super) fn certificates(draft: &Draft) -> Result<Option<Certificates>, SettingError> {
    let (certfile, keyfile) = match (&draft.certfile, &draft.keyfile) {
        (None, None) => return Ok(None),
        (Some(certfile), Some(keyfile)) => (certfile, keyfile),
        (Some(certfile), None) => return Err(certfile.wrong("needs a keyfile beside it")),
        (None, Some(keyfile)) => return Err(keyfile.wrong("needs a certfile beside it")),
    };
    let files = TlsFiles {
        certificates: certfile.value.as_str().into(),
        key: keyfile.value.as_str().into(),
    };
    let loaded = Certificates::load(files);
    loaded.map(Some).map_err(|problem| certfile.wrong(problem))
}

pub(super) fn log_format(draft: &Draft) -> Result<LogFormat, SettingError> {
    let Some(given) = &draft.log_format else {
        return Ok(LogFormat::default());
    };
    match &*given.value {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(given.wrong(format_args!("{other:?} is neither text nor json"))),
    }
}

pub(super) fn limits(draft: &Draft) -> Result<Limits, SettingError> {
    let Limits {
        mut header_bytes,
        mut header_time,
        mut idle_time,
        mut connections,
    } = Limits::default();
    if let Some(given) = &draft.header_bytes {
        header_bytes = given.number(HEADER_BYTES)?;
    }
    if let Some(given) = &draft.header_seconds {
        header_time = given.seconds()?;
    }
    if let Some(given) = &draft.idle_seconds {
        idle_time = given.seconds()?;
    }
    if let Some(given) = &draft.connections {
        connections = given.number(1..=100_000)?;
    }
    Ok(Limits {
        header_bytes,
        header_time,
        idle_time,
        connections,
    })
}

pub(super) fn shutdown(draft: &Draft) -> Result<ShutdownTimes, SettingError> {
    let ShutdownTimes {
        mut grace,
        mut deadline,
    } = ShutdownTimes::default();
    if let Some(given) = &draft.grace_seconds {
        grace = given.seconds()?;
    }
    if let Some(given) = &draft.deadline_seconds {
        deadline = given.seconds()?;
    }
    let given = draft
        .deadline_seconds
        .as_ref()
        .or(draft.grace_seconds.as_ref());
    match given {
        Some(given) if deadline < grace => {
            let (deadline, grace) = (deadline.as_secs(), grace.as_secs());
            Err(given.wrong(format_args!(
                "the deadline of {deadline}s is before the end of the grace of {grace}s"
            )))
        }
        _ => Ok(ShutdownTimes { grace, deadline }),
    }
}
