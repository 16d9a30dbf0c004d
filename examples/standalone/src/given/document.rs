use portcullis::Secret;

use super::source::Source;
use super::value::Given;

/// A group of settings, such as a table of the file.
pub(crate) trait Document: Sized {
    /// Calls `visit` with each source, which it may change.
    fn each_source(&mut self, _visit: &mut dyn FnMut(&mut Source)) {}

    /// These settings, with those of `other` for the ones that are not set.
    fn or(self, _other: Self) -> Self {
        self
    }
}

/// Defines a struct of settings that a file can hold, each optional, and makes it a [`Document`].
/// With `#[derive(Args)]`, its fields are flags too, except those with `#[arg(skip)]`.
macro_rules! document {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$of_field:meta])* $of:vis $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[allow(clippy::struct_field_names, reason = "the names are those of the file")]
        #[derive(Clone, Default, serde::Deserialize)]
        #[serde(default, deny_unknown_fields, expecting = "a table")]
        $visibility struct $name {
            $($(#[$of_field])* $of $field: $type,)*
        }

        impl $crate::given::Document for $name {
            fn each_source(&mut self, visit: &mut dyn FnMut(&mut $crate::given::Source)) {
                $($crate::given::Document::each_source(&mut self.$field, visit);)*
            }

            fn or(self, other: Self) -> Self {
                Self {
                    $($field: $crate::given::Document::or(self.$field, other.$field),)*
                }
            }
        }
    };
}

pub(crate) use document;

impl Document for bool {}
impl Document for i64 {}
impl Document for String {}
impl Document for &'static str {}
impl Document for Secret {}

impl<T: Document> Document for Given<T> {
    fn each_source(&mut self, visit: &mut dyn FnMut(&mut Source)) {
        visit(&mut self.source);
        self.value.each_source(visit);
    }
}

impl<T: Document> Document for Option<T> {
    fn each_source(&mut self, visit: &mut dyn FnMut(&mut Source)) {
        if let Some(document) = self {
            document.each_source(visit);
        }
    }

    fn or(self, other: Self) -> Self {
        self.or(other)
    }
}

impl<T: Document> Document for Vec<T> {
    fn each_source(&mut self, visit: &mut dyn FnMut(&mut Source)) {
        for document in self {
            document.each_source(visit);
        }
    }

    fn or(self, other: Self) -> Self {
        if self.is_empty() { other } else { self }
    }
}
