//! `portico broker`, as a process of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::shell::binary;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Broker(Child, String);

impl Drop for Broker {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("broker")
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_CONFIG_DIRS", folder.join("none"));
    command.env("XDG_RUNTIME_DIR", folder);
    command
}

fn start(folder: &Path, arguments: &[&str]) -> Broker {
    started(command(folder).args(arguments))
}

fn started(command: &mut Command) -> Broker {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    Broker(child, line)
}

fn open(stream: &mut (impl Read + Write), port: u64) -> u8 {
    let mut frame = vec![0, 8, 1, 0, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 0];
    frame.extend(port.to_be_bytes());
    stream.write_all(&frame).unwrap();
    let mut answer = [0; 24];
    stream.read_exact(&mut answer).unwrap();
    answer[12]
}

#[test]
fn it_says_when_it_is_ready_and_serves_both_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let services = folder.path().join("config/portico/services");
    fs::create_dir_all(&services).unwrap();
    fs::write(
        services.join("notes.toml"),
        "type = \"org.example.notes\"\nports = [11001]",
    )
    .unwrap();
    let broker = start(folder.path(), &["--port", "0"]);
    let words: Vec<&str> = broker.1.split_whitespace().collect();
    let socket = folder.path().join("portico/broker.socket");
    assert_eq!(
        (words[..2].join(" "), words[4]),
        ("Ready on".into(), socket.to_str().unwrap())
    );
    let mut tcp = TcpStream::connect(words[2]).unwrap();
    let mut unix = UnixStream::connect(&socket).unwrap();
    assert_eq!(open(&mut tcp, 500), 0);
    assert_eq!(open(&mut unix, 500), 2, "taken");
    assert_eq!(open(&mut unix, 11_001), 3, "reserved");
    let port = words[2].rsplit(':').next().unwrap();
    for at in [&["--port", port][..], &["--socket", socket.to_str().unwrap()], &[]] {
        let output = command(folder.path())
            .args(["status", "--json"])
            .args(at)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(status["ports"][0]["port"], 500);
        assert_eq!(status["services"][0]["type"], "org.example.notes");
        assert_eq!(
            status["connections"].as_array().unwrap().len(),
            3,
            "these two and who asks"
        );
    }
    let output = command(folder.path()).arg("status").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("port 500") && text.contains("service org.example.notes"),
        "{text}"
    );
    // A second one there is refused, and doesn't take the first one's socket away.
    let output = command(folder.path()).args(["--port", port]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let output = command(folder.path()).args(["--port", "0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(socket.exists());
}

#[test]
fn the_socket_of_one_that_was_killed_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    drop(start(folder.path(), &["--port", "0"]));
    let socket = folder.path().join("portico/broker.socket");
    assert!(socket.exists());
    let output = command(folder.path()).arg("status").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no broker answers"));
    let _broker = start(folder.path(), &["--port", "0"]);
    assert_eq!(open(&mut UnixStream::connect(&socket).unwrap(), 0), 0);
}

/// Asks a service that speaks JSON, from port 500 of this connection.
fn ask(stream: &mut (impl Read + Write), service: u64, request: &Value) -> Value {
    let data = request.to_string();
    let mut frame = vec![0, 8, 5, 0];
    frame.extend((32 + data.len() as u32).to_be_bytes());
    frame.extend([500, service].map(u64::to_be_bytes).concat());
    frame.extend((data.len() as u32).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(data.as_bytes());
    stream.write_all(&frame).unwrap();
    let mut head = [0; 32];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[2], 7, "a message: {head:?}");
    let mut data = vec![0; u32::from_be_bytes(head[24..28].try_into().unwrap()) as usize];
    stream.read_exact(&mut data).unwrap();
    serde_json::from_slice(&data).unwrap()
}

/// Waits for the port of what handles an object.
fn resolve(stream: &mut (impl Read + Write), object: &str) -> u64 {
    let mut frame = vec![0, 8, 24, 0, 0, 0, 0, 24 + object.len() as u8, 0, 0, 0, 2, 0, 0, 0, 0];
    frame.extend((object.len() as u32).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(object.as_bytes());
    stream.write_all(&frame).unwrap();
    loop {
        let mut answer = [0; 24];
        stream.read_exact(&mut answer).unwrap();
        match answer[12] {
            14 => {}
            0 => return u64::from_be_bytes(answer[16..].try_into().unwrap()),
            code => panic!("{object}: {code}"),
        }
    }
}

#[test]
fn its_services_are_started_by_the_files_that_come_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("config/portico/services");
    fs::create_dir_all(&files).unwrap();
    for name in ["storage.toml", "history.toml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../broker/services")
            .join(name);
        fs::copy(from, files.join(name)).unwrap();
    }
    let mut command = command(folder.path());
    // They lie beside the shell.
    command
        .env("PATH", binary().parent().unwrap())
        .env("XDG_DATA_HOME", folder.path().join("data"));
    let _broker = started(command.args(["--port", "0"]));
    let mut client = UnixStream::connect(folder.path().join("portico/broker.socket")).unwrap();
    assert_eq!(open(&mut client, 500), 0);
    assert_eq!(resolve(&mut client, "org.darqos.storage::any"), 11_001);
    assert_eq!(resolve(&mut client, "org.darqos.history::any"), 11_002);
    let set = json!({ "method": "set", "xid": "xxx", "key": "foo", "value": "YmFy" });
    assert_eq!(
        ask(&mut client, 11_001, &set),
        json!({ "method": "set", "xid": "xxx", "result": true })
    );
    let get = json!({ "method": "get", "xid": "xxx", "key": "foo" });
    assert_eq!(ask(&mut client, 11_001, &get)["value"], "YmFy");
    let from = json!({ "method": "get_events", "start_time": "2026-01-01T00:00:00Z", "count": 5, "older": false });
    assert_eq!(ask(&mut client, 11_002, &from)["events"], json!([]));
    for name in ["storage.redb", "history.redb"] {
        assert!(
            folder.path().join("data/portico/services").join(name).is_file(),
            "{name}"
        );
    }
}

#[test]
fn the_python_client_works_with_it() {
    if !portico_tests::installed(&["python3"]) {
        return;
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../broker/python");
    let output = Command::new("python3")
        .args(["-W", "error", "-B", "-m", "unittest", "discover", "-s", "tests"])
        .current_dir(package)
        .env("PORTICO_BIN", binary())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
