use std::pin::Pin;

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// A question to a server that a mount depends on, to find out what is wrong before a client does.
pub(crate) struct Trial {
    /// The server and what it is for.
    what: String,
    answer: Answer,
}

impl Trial {
    /// `answer` ends in what is wrong, without a secret.
    pub(crate) fn new(
        what: String,
        answer: impl Future<Output = Result<(), String>> + Send + 'static,
    ) -> Self {
        let answer = Box::pin(answer);
        Self { what, answer }
    }

    /// Asks. The line says what has answered, or what is wrong.
    pub(crate) async fn run(self) -> Result<String, String> {
        let what = self.what;
        match self.answer.await {
            Ok(()) => Ok(format!("{what}: answers as it should")),
            Err(problem) => Err(format!("{what}: {problem}")),
        }
    }
}
