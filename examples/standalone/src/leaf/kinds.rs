use portcullis::ConfigError;

use super::context::Context;
use super::open::{Description, Exposed, OpenLeaf};
use super::s3;
use crate::given::{Given, Problems};

/// Defines [`Leaf`] and [`Table`] by the folders of the kinds.
macro_rules! kinds {
    ($($folder:ident: $Kind:ident,)*) => {
        /// The service below the path of a mount.
        pub(crate) enum Leaf {
            $($Kind($folder::$Kind),)*
        }

        /// The table of a kind in one of `[[mounts]]`.
        pub(crate) enum Table<'a> {
            $($Kind(&'a Given<$folder::Document>),)*
        }

        impl<'a> Table<'a> {
            pub(crate) fn judge(
                &self,
                context: &Context<'_>,
                problems: &mut Problems,
            ) -> Option<Leaf> {
                match self {
                    $(Self::$Kind(table) => {
                        $folder::judge(&table.value, context, problems).map(Leaf::$Kind)
                    })*
                }
            }

            /// The setting of the object that readiness requests.
            pub(crate) fn health_key(&self) -> Option<&Given> {
                match self {
                    $(Self::$Kind(table) => table.value.health_key.as_ref(),)*
                }
            }

            /// Whether it has credentials of its own.
            pub(crate) fn has_keys(&self) -> bool {
                match self {
                    $(Self::$Kind(table) => table.value.has_keys(),)*
                }
            }

            /// The files that it names.
            pub(crate) fn files(&self) -> Vec<&'a Given> {
                match self {
                    $(Self::$Kind(table) => table.value.files(),)*
                }
            }
        }

        impl Leaf {
            /// The service of the leaf and its readiness.
            ///
            /// # Errors
            ///
            /// Returns [`ConfigError`] if the machine has no certificate authorities to trust a server by.
            pub(crate) fn open<B: Send + 'static>(self) -> Result<OpenLeaf<B>, ConfigError> {
                match self {
                    $(Self::$Kind(leaf) => leaf.open(),)*
                }
            }

            /// The name of what is served.
            pub(crate) fn describe(&self) -> Description {
                match self {
                    $(Self::$Kind(leaf) => leaf.describe(),)*
                }
            }

            /// The objects that are shown, in each way in which they may be read.
            pub(crate) fn exposes(&self) -> Vec<Exposed> {
                match self {
                    $(Self::$Kind(leaf) => leaf.exposes(),)*
                }
            }

            /// The path below the mount that readiness requests. It is public.
            pub(crate) fn health_path(&self) -> Option<&str> {
                match self {
                    $(Self::$Kind(leaf) => leaf.health_path.as_deref(),)*
                }
            }
        }
    };
}

kinds! {
    s3: S3,
}
