use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The part of Redis that sessions need. Times to live are parsed and ignored: no test waits for one.
pub(crate) struct Redis {
    pub(crate) url: String,
    values: Values,
}

type Values = Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>;

impl Redis {
    pub(crate) fn start() -> Self {
        Self::start_as("0")
    }

    /// One of a cluster.
    pub(crate) fn start_cluster() -> Self {
        Self::start_as("1")
    }

    fn start_as(cluster_enabled: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://:{PASSWORD}@{}/", listener.local_addr().unwrap());
        let values = Values::default();
        let shared = Arc::clone(&values);
        // The threads end with the test process, and with the connections that they serve.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let values = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &values, cluster_enabled));
            }
        });
        Self { url, values }
    }

    /// Removes everything, as `FLUSHALL` does.
    pub(crate) fn flush(&self) {
        self.values.lock().unwrap().clear();
    }

    /// All keys and values, concatenated.
    pub(crate) fn contents(&self) -> String {
        let values = self.values.lock().unwrap();
        let pairs = values.iter().flat_map(|(key, value)| [key, value]);
        pairs.map(|it| String::from_utf8_lossy(it)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.values.lock().unwrap().len()
    }
}

const PASSWORD: &str = "r3dispass";

fn serve(stream: TcpStream, values: &Values, cluster_enabled: &str) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut is_known = false;
    loop {
        let command = read_command(&mut reader)?;
        let command: Vec<_> = command.iter().map(Vec::as_slice).collect();
        let answer = match &command[..] {
            [name, password] if name == b"AUTH" => {
                is_known = *password == PASSWORD.as_bytes();
                String::from(if is_known {
                    "+OK\r\n"
                } else {
                    "-WRONGPASS\r\n"
                })
                .into_bytes()
            }
            _ if !is_known => b"-NOAUTH Authentication required.\r\n".to_vec(),
            [b"INFO", b"cluster"] => {
                let text = format!("# Cluster\r\ncluster_enabled:{cluster_enabled}\r\n");
                format!("${}\r\n{text}\r\n", text.len()).into_bytes()
            }
            command => answer(command, &mut values.lock().unwrap()),
        };
        writer.write_all(&answer)?;
    }
}

fn answer(command: &[&[u8]], values: &mut HashMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let bulk = |value: Option<&Vec<u8>>| match value {
        Some(value) => [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat(),
        None => b"$-1\r\n".to_vec(),
    };
    match command {
        [b"PING"] => b"+PONG\r\n".to_vec(),
        [b"CLIENT", ..] | [b"SELECT", _] => b"+OK\r\n".to_vec(),
        [b"GET", key] => bulk(values.get(*key)),
        [b"GETDEL", key] => bulk(values.remove(*key).as_ref()),
        [b"DEL", key] => format!(":{}\r\n", u8::from(values.remove(*key).is_some())).into_bytes(),
        [b"SET", key, value, more @ ..] => {
            let is_new = !values.contains_key(*key);
            if more.contains(&&b"NX"[..]) && !is_new {
                return b"$-1\r\n".to_vec();
            }
            values.insert(key.to_vec(), value.to_vec());
            b"+OK\r\n".to_vec()
        }
        _ => b"-ERR unknown command\r\n".to_vec(),
    }
}

/// An array of bulk strings, as clients send commands.
fn read_command(reader: &mut impl BufRead) -> io::Result<Vec<Vec<u8>>> {
    let number = read_number(reader, '*')?;
    let word = |_| {
        let length = read_number(reader, '$')?;
        let mut word = vec![0; length + 2];
        reader.read_exact(&mut word)?;
        word.truncate(length);
        Ok(word)
    };
    (0..number).map(word).collect()
}

fn read_number(reader: &mut impl BufRead, kind: char) -> io::Result<usize> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let number = line.trim_end().strip_prefix(kind);
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
