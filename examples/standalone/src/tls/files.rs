use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::crypto::aws_lc_rs::sign::RsaSigningKey;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error_chain::chain;

/// The paths of a certificate chain and its private key, both PEM.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
}

/// Metadata that changes when a file does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// A file that replaces another may have the same modification time, as a restored one does.
    #[cfg(unix)]
    inode: u64,
}

impl TlsFiles {
    /// Reads both files into a server configuration.
    ///
    /// # Errors
    ///
    /// Returns the name of the file that is wrong, and the reason.
    pub(super) fn load(&self) -> Result<Arc<ServerConfig>, String> {
        let (certificates, key) = (&self.certificates, &self.key);
        let unreadable = |path: &Path, error| format!("{}: {}", path.display(), chain(&error));
        let parsed = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(certificates, error))?;
        if parsed.is_empty() {
            return Err(format!(
                "{}: holds no PEM certificate",
                certificates.display()
            ));
        }
        let parsed_key = private_key(key)?;
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(parsed, parsed_key)
            .map_err(|error| {
                let (certificates, key) = (certificates.display(), key.display());
                format!("{key} is not the key of {certificates}: {error}")
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The stamps of both files.
    pub(super) fn stamp(&self) -> io::Result<[Stamp; 2]> {
        Ok([stamp(&self.certificates)?, stamp(&self.key)?])
    }
}

/// The private key in a file.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let problem = |problem: String| format!("{}: {problem}", path.display());
    let pem = fs::read(path).map_err(|error| problem(error.to_string()))?;
    let has = |words: &str| pem.windows(words.len()).any(|it| it == words.as_bytes());
    // PKCS #8, and the older form of RFC 1421 section 4.6.1.1.
    if has("-----BEGIN ENCRYPTED PRIVATE KEY-----") || has("Proc-Type: 4,ENCRYPTED") {
        let text = "is encrypted; `openssl pkey -in FILE` decrypts it";
        return Err(problem(text.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| match error {
        pem::Error::NoItemsFound => problem("holds no private key in PEM".to_owned()),
        error => problem(chain(&error)),
    })?;
    match RsaSigningKey::new(&key) {
        Err(error) if error.to_string().contains("TooSmall") => Err(problem(
            "the RSA key is too short: it must have at least 2048 bits".to_owned(),
        )),
        // It may be of another kind.
        _ => Ok(key),
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let metadata = fs::metadata(path)?;
    Ok(Stamp {
        modified: metadata.modified().ok(),
        length: metadata.len(),
        #[cfg(unix)]
        inode: std::os::unix::fs::MetadataExt::ino(&metadata),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn replaced_files_of_equal_time_and_length_differ() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        for path in [&old, &new] {
            fs::write(path, "same").unwrap();
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        let before = stamp(&old).unwrap();
        assert_eq!(stamp(&old).unwrap(), before);
        fs::rename(&new, &old).unwrap();
        assert_ne!(stamp(&old).unwrap(), before);
    }
}
