use std::cell::RefCell;
use std::env;
use std::process;
use std::time::Duration;

use super::*;

/// The contents themselves.
struct Text;

impl Parse for Text {
    type Value = Vec<u8>;
    type Error = io::Error;

    const MAX_BYTES: usize = 16;

    fn parse(&self, files: &[Contents]) -> Result<Vec<u8>, io::Error> {
        Ok(files[0].to_vec())
    }

    fn unreadable(_file: usize, error: io::Error) -> io::Error {
        error
    }
}

#[test]
fn a_check_due_during_another_follows_it() {
    let path = env::temp_dir().join(format!("portcullis-watched-{}", process::id()));
    fs::write(&path, "one").unwrap();
    let watched = Arc::new(Watched::open(vec![path.clone()], Text).unwrap());
    let tasks = RefCell::new(Vec::new());
    let ask = |milliseconds| {
        let now = UNIX_EPOCH + Duration::from_millis(milliseconds);
        let keep = |task| {
            tasks.borrow_mut().push(task);
            true
        };
        watched.reload_if_due(now, None, keep).is_some()
    };
    assert!(ask(5000));
    assert!(!ask(6000), "the check has not ended");
    fs::write(&path, "three").unwrap();
    tasks.take().into_iter().for_each(|task| task());
    fs::write(&path, "fourteen").unwrap();
    assert!(ask(6000));
    assert!(!ask(6999));
    tasks.take().into_iter().for_each(|task| task());
    assert!(!ask(6999), "it is not due yet");
    fs::remove_file(&path).unwrap();
    assert_eq!(watched.current().value, b"fourteen");
    assert_eq!(watched.current().number, 2);
}
