//! The look of the pages that a person sees.

/// The style of all pages, allowed by its hash in the Content-Security-Policy. The colours are system
/// colours, so that they follow the browser's settings.
const STYLE: &str = "\
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
body{margin:0;padding:12vh 1.5rem 3rem}\
main{max-width:32rem;margin:0 auto}\
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}\
p{margin:0 0 1.5rem;overflow-wrap:break-word}\
a,button{display:inline-block;box-sizing:border-box;min-height:2.75rem;padding:.5rem 1.25rem;\
font:inherit;font-weight:600;line-height:1.75rem;text-decoration:none;cursor:pointer;\
color:Canvas;background:CanvasText;border:1px solid CanvasText;border-radius:.375rem}\
a:focus-visible,button:focus-visible{outline:3px solid Highlight;outline-offset:2px}\
code{font:.9em ui-monospace,monospace}";

/// The SHA-256 of [`STYLE`], in base64.
pub(crate) const STYLE_HASH: &str = "pi3Jrnuec1H7XqIFgqbUDtSfXZtzKh2HmHMPbNINHTY=";

/// A whole page. `content` is HTML that follows the title; the title and the text are escaped.
pub(crate) fn html(title: &str, text: &str, content: &str) -> String {
    let (title, text) = (escaped(title), escaped(text));
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <style>{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         <p>{text}</p>\n\
         {content}\
         </main>\n\
         </body>\n\
         </html>\n"
    )
}

/// The policy of a page, whose form may lead to these sources too.
pub(crate) fn policy(form_leads_to: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'{form_leads_to}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Escapes text, and attribute values in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sso")]
    #[test]
    fn the_policy_names_the_style_by_its_hash() {
        use aws_lc_rs::digest::{SHA256, digest};
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        assert_eq!(STYLE_HASH, hash);
        assert!(!STYLE.contains('<'), "would end the element");
    }

    #[test]
    fn markup_is_text() {
        let text = "<a href=\"x\">'&amp;é";
        assert_eq!(escaped(text), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;é");
    }
}
