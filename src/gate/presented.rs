use super::refusal::Refusal;

/// What a request shows of one kind of credential.
#[derive(Debug)]
#[non_exhaustive]
pub enum Presented<T> {
    /// Nothing.
    Absent,
    /// A credential.
    Given(T),
    /// Something that is not a credential, or more than one.
    Refused(Refusal),
}
