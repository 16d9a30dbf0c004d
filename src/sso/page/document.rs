use super::content::Page;
use super::kind::PageKind;
use crate::page;

pub(super) fn html(page: &Page) -> String {
    let kind = page.kind();
    let error = page.provider_error().map_or_else(String::new, |error| {
        let error = page::escaped(error);
        format!("<p>The sign-in service reported: <code>{error}</code></p>\n")
    });
    let action = action(page, kind.action());
    page::html(kind.title(), kind.text(), &[error, action].concat())
}

fn action(page: &Page, label: &str) -> String {
    if page.kind() == PageKind::SignOut {
        let path = page::escaped(page.sign_out_path().unwrap_or_default());
        return format!(
            "<form method=\"post\" action=\"{path}\"><button type=\"submit\">{label}</button></form>\n"
        );
    }
    let target = page::escaped(page.return_to().unwrap_or("/"));
    format!("<a href=\"{target}\">{label}</a>\n")
}
