//! Formats and rules of a Python package index, without HTTP or storage.
//!
//! Whatever a stranger may have written is parsed with a bound, and refused with a typed error.
//!
//! ```
//! use portcullis::pypi::{DistributionName, ProjectName};
//!
//! let wheel = DistributionName::parse("Demo_Pkg-1.0.post1-py3-none-any.whl")?;
//! assert_eq!(wheel.project(), &ProjectName::parse("demo-pkg")?);
//! assert_eq!(wheel.version().map(ToString::to_string).as_deref(), Some("1.0.post1"));
//! assert_eq!(wheel.python_tag(), "py3");
//!
//! assert!(DistributionName::parse("../demo_pkg-1.0.tar.gz").is_err());
//! # Ok::<_, portcullis::pypi::NameError>(())
//! ```

pub mod archive;
mod digest;
mod error;
mod file_name;
mod metadata;
mod name;
mod page;
mod project;
mod s3pypi_page;
mod side_document;
mod version;

pub use self::digest::Sha256Digest;
pub use self::error::{NameError, NameErrorKind};
pub use self::file_name::{DistributionFormat, DistributionName, Sibling};
pub use self::metadata::{CoreMetadata, MetadataError, MetadataErrorKind};
pub use self::name::ProjectName;
pub use self::project::{Project, ProjectFile, ProjectList, ProjectStatus};
pub use self::s3pypi_page::{S3pypiPage, S3pypiPageError, S3pypiPageErrorKind};
pub use self::side_document::{
    FileFacts, MetadataFact, SideDocument, SideDocumentError, SideDocumentErrorKind,
};
pub use self::version::Version;
