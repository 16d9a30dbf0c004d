use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The page of one project, byte for byte as s3pypi writes it.
pub(super) fn project_page(file_name: &str, content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    let hash = hash.iter().fold(String::new(), |mut text, byte| {
        // Writing into a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    page(&format!("{file_name}#sha256={hash}"), file_name)
}

/// The page that lists the one project.
pub(super) fn root_page(project: &str) -> String {
    page(&format!("{project}/"), project)
}

fn page(link: &str, name: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html>
  <head>
    <meta charset="UTF-8">
    <title>Package Index</title>
  </head>
  <body>
    <a href="{link}">{name}</a>
  </body>
</html>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_bytes_of_s3pypi() {
        let page = project_page("x-1-py3-none-any.whl", b"abc");
        // The hash of "abc" is the first vector of FIPS 180-2.
        assert_eq!(
            page,
            "<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset=\"UTF-8\">\n    \
             <title>Package Index</title>\n  </head>\n  <body>\n    \
             <a href=\"x-1-py3-none-any.whl#sha256=\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\">\
             x-1-py3-none-any.whl</a>\n  </body>\n</html>"
        );
        assert!(root_page("x").contains("\n    <a href=\"x/\">x</a>\n"));
    }
}
