//! Users who sign in while others guess passwords.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{DEADLINE, Gateway, OBJECT, Store};

/// `s3cret`, by crypt(3). An unoptimised program takes about as long for cost 7 as an optimised one for cost
/// 11.
const HASH: &str = "$2b$07$abcdefghijklmnopqrstuuHgJ9lUhfEQnVl7uwR5Qk.2wvbFuRFY6";

/// Each guesses twice a second at most, so all guess 160 times.
const GUESSERS: usize = 80;
const PAUSE: Duration = Duration::from_millis(500);

/// How long a user with the right password may wait.
const LONGEST: Duration = Duration::from_secs(2);

/// The status of an answer to a client behind the proxy, which this test is. `None` without an answer.
fn ask(address: &str, client: &str, login: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    let login = STANDARD.encode(login);
    let request = format!(
        "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {client}\r\nAuthorization: Basic {login}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1)?.parse().ok()
}

/// Guesses from many connections, until it is dropped.
struct Flood {
    /// The number of the guesser, and the status.
    answers: Receiver<(usize, u16)>,
    stop: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Flood {
    /// Guesses as what `claim` says of the number of a guesser and of its guess: an address and a user.
    fn start(address: &str, claim: fn(usize, usize) -> (String, String)) -> Self {
        let (tell, answers) = channel();
        let mut flood = Self {
            answers,
            stop: Vec::new(),
            threads: Vec::new(),
        };
        for guesser in 0..GUESSERS {
            let (stop, stopped) = channel::<()>();
            let (tell, address) = (tell.clone(), address.to_owned());
            flood.stop.push(stop);
            flood.threads.push(thread::spawn(move || {
                for guess in 0.. {
                    let (client, user) = claim(guesser, guess);
                    let login = format!("{user}:guess-{guesser}-{guess}");
                    let Some(status) = ask(&address, &client, &login) else {
                        return;
                    };
                    // An error says that the test is over.
                    let _: Result<(), _> = tell.send((guesser, status));
                    if stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            }));
        }
        flood
    }

    /// Waits until each of these guessers, or any of all, has been answered with this status.
    fn answered(&self, guessers: Option<usize>, status: u16) {
        let mut missing: Vec<_> = (0..guessers.unwrap_or(1)).collect();
        while !missing.is_empty() {
            let (guesser, answer) = self.answers.recv_timeout(DEADLINE).unwrap();
            assert_ne!(answer, 200, "a guess is right");
            if answer == status {
                match guessers {
                    Some(guessers) => missing.retain(|it| *it != guesser % guessers),
                    None => return,
                }
            }
        }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.clear();
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// A gateway with the users `ana`, `bob` and `cat`, and one thread that checks their passwords.
fn gateway(store: &Store) -> Gateway {
    let folder = tempfile::tempdir().unwrap();
    let users = ["ana", "bob", "cat"].map(|user| format!("{user}:{HASH}\n"));
    std::fs::write(folder.path().join("htpasswd"), users.concat()).unwrap();
    let text = format!(
        "trusted_proxies = ['127.0.0.1']\n[limits]\npassword_checks = 1\n[[mounts]]\npath = '/'\n\
         basic.htpasswd_file = '{{folder}}/htpasswd'\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\n",
        store.url
    );
    Gateway::start_in(folder, &text)
}

/// Signs in as `user` with the right password while `claim` guesses, and as `ana` who was signed in before.
fn signs_in(
    name: &str,
    (client, user): (&str, &str),
    claim: fn(usize, usize) -> (String, String),
    under_way: impl FnOnce(&Flood),
) {
    let store = Store::start(OBJECT);
    let gateway = gateway(&store);
    let address = gateway.address.clone();
    assert_eq!(ask(&address, "10.0.0.1", "ana:s3cret"), Some(200), "{name}");
    let flood = Flood::start(&address, claim);
    under_way(&flood);
    for (who, from, login) in [
        ("a user", client, format!("{user}:s3cret")),
        ("the user again", client, format!("{user}:s3cret")),
        ("who is signed in", "10.0.0.1", "ana:s3cret".to_owned()),
        (
            "who is signed in, elsewhere",
            "10.0.0.9",
            "ana:s3cret".to_owned(),
        ),
    ] {
        let begun = Instant::now();
        assert_eq!(ask(&address, from, &login), Some(200), "{name}: {who}");
        let waited = begun.elapsed();
        assert!(waited < LONGEST, "{name}: {who} waited for {waited:?}");
    }
    // What waits is not answered any more.
    drop(gateway);
    drop(flood);
}

#[test]
fn a_user_signs_in_during_a_flood_of_guesses() {
    signs_in(
        "from another network",
        ("10.0.0.2", "bob"),
        |guesser, guess| ("10.1.0.1".to_owned(), format!("user-{guesser}-{guess}")),
        |flood| flood.answered(None, 503),
    );
}

#[test]
fn a_user_signs_in_beside_a_flood_of_its_network() {
    signs_in(
        "from the same network at another name",
        ("10.1.0.1", "bob"),
        |_, _| ("10.1.0.1".to_owned(), "cat".to_owned()),
        |flood| flood.answered(None, 503),
    );
}

#[test]
fn a_user_signs_in_whose_name_many_guess_at() {
    const NETWORKS: usize = 16;
    signs_in(
        "many networks at one name",
        ("10.0.0.2", "bob"),
        |guesser, _| (format!("10.1.0.{}", guesser % NETWORKS), "bob".to_owned()),
        |flood| flood.answered(Some(NETWORKS), 401),
    );
}
