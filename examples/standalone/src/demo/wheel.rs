use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::result::ZipResult;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The file name, with the project, its version, and a tag for any Python 3.
pub(super) const FILE_NAME: &str = "portcullis_demo-1.0.0-py3-none-any.whl";

const RECORD: &str = "portcullis_demo-1.0.0.dist-info/RECORD";

const FILES: [(&str, &str); 4] = [
    (
        "portcullis_demo.py",
        r#""""The package of `portcullis demo`."""


def main():
    print("The gate is up: this package came out of a private bucket.")


if __name__ == "__main__":
    main()
"#,
    ),
    (
        "portcullis_demo-1.0.0.dist-info/METADATA",
        "Metadata-Version: 2.1\n\
         Name: portcullis-demo\n\
         Version: 1.0.0\n\
         Summary: The package of `portcullis demo`\n\
         Requires-Python: >=3\n",
    ),
    (
        "portcullis_demo-1.0.0.dist-info/WHEEL",
        "Wheel-Version: 1.0\n\
         Generator: portcullis\n\
         Root-Is-Purelib: true\n\
         Tag: py3-none-any\n",
    ),
    (
        "portcullis_demo-1.0.0.dist-info/entry_points.txt",
        "[console_scripts]\n\
         portcullis-demo = portcullis_demo:main\n",
    ),
];

/// Builds the wheel. Its bytes are always the same, since the files in it have no date.
pub(super) fn build() -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let record = record();
    for (name, content) in FILES.into_iter().chain([(RECORD, record.as_str())]) {
        archive.start_file(name, options)?;
        archive.write_all(content.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The list of the files with their hashes, by the specification of recorded installations:
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>.
fn record() -> String {
    let mut lines = FILES.map(|(name, content)| {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(content));
        format!("{name},sha256={hash},{}\n", content.len())
    });
    lines.sort();
    // The record cannot contain its own hash.
    format!("{}{RECORD},,\n", lines.concat())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use zip::ZipArchive;

    use super::*;

    #[test]
    fn the_record_lists_files_with_hash_and_size() {
        let mut archive = ZipArchive::new(Cursor::new(build().unwrap())).unwrap();
        let read = |archive: &mut ZipArchive<_>, name: &str| {
            let mut content = String::new();
            let mut file = archive.by_name(name).unwrap();
            file.read_to_string(&mut content).unwrap();
            content
        };
        let record = read(&mut archive, RECORD);
        let mut names: Vec<_> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect();
        for line in record.lines() {
            let [name, hash, size] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("{line:?} has not three fields");
            };
            let listed = names.iter().position(|other| other == name).unwrap();
            names.swap_remove(listed);
            if name == RECORD {
                assert_eq!((hash, size), ("", ""));
                continue;
            }
            let content = read(&mut archive, name);
            let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&content));
            assert_eq!(hash, format!("sha256={digest}"), "{name}");
            assert_eq!(size, content.len().to_string(), "{name}");
        }
        assert!(names.is_empty(), "{names:?} are not in the record");
    }

    #[test]
    fn two_builds_of_the_wheel_are_equal() {
        assert_eq!(build().unwrap(), build().unwrap());
    }

    #[test]
    fn hashes_in_the_record_are_as_in_python() {
        // By Python's hashlib and base64.
        let line = record();
        let line = line.lines().find(|line| line.contains("/WHEEL,")).unwrap();
        assert_eq!(
            line,
            "portcullis_demo-1.0.0.dist-info/WHEEL,sha256=Ppd9pzLoUZYaXgeEBnpLrKarb_oPsbmkCZ8fPwh5IuQ,81"
        );
    }
}
