use http::Method;

/// Keys, and how often each object has its key as its content.
pub(crate) const OBJECTS: [(&str, usize); 2] = [("small", 60), ("large", 209_716)];

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) method: Method,
    pub(crate) object: (&'static str, usize),
    pub(crate) range: Option<&'static str>,
    /// Whether only another version than the current one is asked for.
    pub(crate) is_conditional: bool,
}

impl Shape {
    pub(crate) fn all() -> Vec<Self> {
        let mut shapes = Vec::new();
        for object in OBJECTS {
            for (method, range, is_conditional) in [
                (Method::GET, None, false),
                (Method::GET, Some("bytes=0-99"), false),
                (Method::GET, Some("bytes=-100"), false),
                (Method::GET, Some("bytes=150-"), false),
                (Method::GET, None, true),
                (Method::HEAD, None, false),
            ] {
                shapes.push(Self {
                    method,
                    object,
                    range,
                    is_conditional,
                });
            }
        }
        shapes
    }

    pub(crate) fn has_body(&self) -> bool {
        self.method == Method::GET && !self.is_conditional
    }

    /// The status and the body of the healthy answer.
    pub(crate) fn healthy(&self) -> (u16, Vec<u8>) {
        let (key, repeats) = self.object;
        let whole = key.repeat(repeats).into_bytes();
        let length = whole.len();
        match (self.range, self.has_body()) {
            (_, false) => (if self.is_conditional { 304 } else { 200 }, Vec::new()),
            (None, true) => (200, whole),
            (Some("bytes=0-99"), true) => (206, whole[..100].to_vec()),
            (Some("bytes=-100"), true) => (206, whole[length - 100..].to_vec()),
            (Some(_), true) => (206, whole[150..].to_vec()),
        }
    }
}
