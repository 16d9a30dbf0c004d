use super::*;
use crate::pypi::name::ProjectName;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn links_are_read_as_s3pypi_reads_them() {
    let hashed = format!("<a href=\"a-1.zip#sha256={HEX}\">a-1.zip</a>");
    let digest = Sha256Digest::from_hex(HEX);
    for (name, page, files) in [
        ("empty", "", vec![]),
        ("no link", "<html><body></body></html>", vec![]),
        ("a hash", &*hashed, vec![("a-1.zip", digest)]),
        (
            "version 0",
            "<a href=\"a-1.zip\">a-1.zip</a><br>\n<a href=\"b-1.zip\">b-1.zip</a><br>",
            vec![("a-1.zip", None), ("b-1.zip", None)],
        ),
        (
            "on one line",
            "<a href=\"b-1.zip\">b-1.zip</a><a href=\"a-1.zip\">a-1.zip</a>",
            vec![("a-1.zip", None), ("b-1.zip", None)],
        ),
        (
            "another hash",
            "<a href=\"a-1.zip#md5=0123\">a-1.zip</a>",
            vec![("a-1.zip", None)],
        ),
        (
            "the text counts",
            "<a href=\"x\">a+1</a>",
            vec![("a+1", None)],
        ),
        (
            "other attributes",
            "<a href=\"a\" data-yanked>a</a>",
            vec![],
        ),
        ("unfinished", "<a href=\"a\">a", vec![]),
        ("over two lines", "<a href=\"a\">\na</a>", vec![]),
        ("no address", "<a href=\"\">a</a>", vec![]),
        (
            "no text",
            "<a href=\"a\"></a><a href=\"b\">b</a>",
            vec![("b", None)],
        ),
    ] {
        let read = S3pypiPage::parse(page.as_bytes()).unwrap();
        assert_eq!(read.files().collect::<Vec<_>>(), files, "{name}");
        assert_eq!(
            S3pypiPage::parse(read.html().as_bytes()).unwrap(),
            read,
            "{name}"
        );
    }
}

#[test]
fn other_hashes_are_kept() {
    let page = "<a href=\"a-1.zip#md5=0123\">a-1.zip</a>";
    let html = S3pypiPage::parse(page.as_bytes()).unwrap().html();
    assert!(html.contains(page), "{html}");
}

#[test]
fn files_are_added_and_removed() {
    let mut page = S3pypiPage::default();
    let file = DistributionName::parse("a-1!1.0+x.zip").unwrap();
    let digest = Sha256Digest::from_hex(HEX).unwrap();
    page.insert(&file, digest);
    assert_eq!(page.sha256("a-1!1.0+x.zip"), Some(digest));
    assert!(page.contains(file.as_str()) && !page.is_empty());
    let link = format!("    <a href=\"a-1%211.0%2Bx.zip#sha256={HEX}\">a-1!1.0+x.zip</a>\n");
    assert!(page.html().contains(&link));
    assert!(page.remove(file.as_str()) && !page.remove(file.as_str()));
    assert!(page.is_empty());
}

#[test]
fn a_root_page_is_sorted_with_slashes() {
    let names = ["demo", "demo-x", "a"].map(|name| ProjectName::parse(name).unwrap());
    let html = ProjectList::from_iter(names).s3pypi_html();
    let links = "    <a href=\"a/\">a</a><br>\n    <a href=\"demo-x/\">demo-x</a><br>\n    \
                 <a href=\"demo/\">demo</a>\n";
    assert!(html.contains(links), "{html}");
}

#[test]
fn a_page_is_text_with_a_bound() {
    let longest = vec![b'a'; MAX_BYTES];
    assert!(S3pypiPage::parse(&longest).is_ok());
    for (page, kind) in [
        (
            &[&*longest, b"a"].concat()[..],
            S3pypiPageErrorKind::TooLong,
        ),
        (b"\xff", S3pypiPageErrorKind::NotUtf8),
    ] {
        assert_eq!(S3pypiPage::parse(page).unwrap_err().kind(), kind);
    }
}

#[test]
fn a_long_line_is_read_once() {
    let line = "<a href=\"".repeat(200_000);
    for end in ["", "\">", "\">/</a>", "\">a</a>"] {
        let page = [&*line, end].concat();
        let read = S3pypiPage::parse(page.as_bytes()).unwrap();
        assert_eq!(read.is_empty(), !end.ends_with("a</a>"), "{end}");
    }
}
