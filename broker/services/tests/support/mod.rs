//! A broker, the services as real processes in both languages, and a client that asks them.
#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "shared by tests, none of which uses all of it"
)]

use portico_broker::client::{Address, Client, Error, Event};
use portico_broker::server::{ADDRESS, Broker, Config, Limits, SOCKET, Stopper};
use portico_broker::wire::Code;
use portico_broker::{ObjectId, Service};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a test waits for what has to come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Storage,
    History,
}

impl Which {
    pub fn port(self) -> u64 {
        if self == Self::Storage { 11_001 } else { 11_002 }
    }

    fn name(self) -> &'static str {
        if self == Self::Storage { "storage" } else { "history" }
    }

    pub fn object(self) -> ObjectId {
        format!("org.darqos.{}::any", self.name()).parse().unwrap()
    }
}

/// What a service is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
}

/// The languages that this machine runs.
pub fn languages() -> Vec<Language> {
    let python = Command::new("python3")
        .arg("-c")
        .arg("import sqlite3")
        .status()
        .is_ok_and(|status| status.success());
    if !python {
        eprintln!("skipped: no python3 with sqlite3");
    }
    [Language::Rust]
        .into_iter()
        .chain(python.then_some(Language::Python))
        .collect()
}

/// What starts a service.
fn words(language: Language, which: Which, file: &Path) -> Vec<String> {
    let module = format!("portico_services.{}", which.name());
    let file = file.to_str().unwrap();
    match (language, which) {
        (Language::Rust, Which::Storage) => [env!("CARGO_BIN_EXE_portico-storage"), file].map(str::to_owned).into(),
        (Language::Rust, Which::History) => [env!("CARGO_BIN_EXE_portico-history"), file].map(str::to_owned).into(),
        (Language::Python, _) => ["python3", "-W", "error", "-B", "-m", &module, file]
            .map(str::to_owned)
            .into(),
    }
}

fn python_path() -> String {
    let services = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [services.join("python"), services.join("../python")];
    std::env::join_paths(folders).unwrap().into_string().unwrap()
}

/// A broker that knows both services by their files, and ends with the test.
pub struct Place {
    pub address: SocketAddr,
    pub folder: TempDir,
    language: Language,
    stopper: Stopper,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Place {
    pub fn new(language: Language) -> Self {
        Self::with(language, &[Which::Storage, Which::History])
    }

    /// One that knows these services.
    pub fn with(language: Language, known: &[Which]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let services = known.iter().map(|which| {
            let text = match which {
                Which::Storage => include_str!("../../storage.toml"),
                Which::History => include_str!("../../history.toml"),
            };
            let mut service = Service::parse(text).unwrap();
            assert_eq!(
                service.command,
                [format!("portico-{}", which.name())],
                "a command that is installed"
            );
            service.command = words(language, *which, &folder.path().join(which.name()));
            service.environment.insert("PYTHONPATH".into(), python_path());
            service
        });
        let config = Config {
            address: Some("127.0.0.1:0".parse().unwrap()),
            socket: Some(folder.path().join("run/socket")),
            services: services.collect(),
            limits: Limits::default(),
        };
        let broker = Broker::bind(config).unwrap();
        let (address, stopper) = (broker.address().unwrap(), broker.stopper());
        let thread = Some(thread::spawn(move || broker.run()));
        Self {
            address,
            folder,
            language,
            stopper,
            thread,
        }
    }

    /// The file that a service keeps everything in.
    pub fn file(&self, which: Which) -> PathBuf {
        self.folder.path().join(which.name())
    }

    /// A process of a service that the broker has not started.
    pub fn by_hand(&self, which: Which, file: &Path) -> Command {
        let words = words(self.language, which, file);
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env("PYTHONPATH", python_path())
            .env(ADDRESS, self.address.to_string());
        command.env_remove(SOCKET).stderr(Stdio::piped());
        command
    }

    pub fn asker(&self) -> Asker {
        let mut client = Client::connect(&Address::Tcp(self.address)).unwrap();
        let own = client.open(0).unwrap();
        Asker { client, own, asked: 0 }
    }

    /// The process that has a service's port; it is waited for.
    #[cfg(target_os = "linux")]
    pub fn process(&self, which: Which) -> String {
        let mut asker = self.asker();
        let until = Instant::now() + PATIENCE;
        loop {
            let directory = asker.client.directory().unwrap();
            let rows = |name: &str| directory[name].as_array().unwrap().clone();
            let port = rows("ports").into_iter().find(|port| port["port"] == which.port());
            let of = port.and_then(|port| {
                rows("connections")
                    .into_iter()
                    .find(|of| of["connection"] == port["connection"])
            });
            if let Some(of) = of {
                return of["process"].to_string();
            }
            assert!(Instant::now() < until, "{which:?} has no process");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stopper.stop();
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

/// Who asks a service.
pub struct Asker {
    pub client: Client,
    own: u64,
    asked: u64,
}

impl Asker {
    /// Starts the service if it doesn't run.
    pub fn resolve(&mut self, which: Which) {
        assert_eq!(
            self.client.resolve(&which.object(), Some(PATIENCE)).unwrap(),
            which.port()
        );
    }

    /// Waits for a service that the broker has not started.
    pub fn wait_for(&mut self, which: Which) {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.client.resolve(&which.object(), None) {
                Ok(port) => return assert_eq!(port, which.port()),
                Err(Error::Refused(Code::NoHandler)) => assert!(Instant::now() < until, "{which:?} doesn't come"),
                Err(error) => panic!("{error}"),
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until no process runs that the broker has started.
    pub fn none_runs(&mut self) {
        let until = Instant::now() + PATIENCE;
        while self.client.directory().unwrap()["services"]
            .as_array()
            .unwrap()
            .iter()
            .any(|of| of["processes"] != 0)
        {
            assert!(Instant::now() < until);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks, and waits at most so long for the answer to that; what it repeats is taken off.
    pub fn ask_within(&mut self, time: Duration, which: Which, method: &str, fields: Value) -> Option<Value> {
        self.asked += 1;
        let mut request = fields;
        request["method"] = method.into();
        request["xid"] = self.asked.into();
        self.client
            .send(self.own, which.port(), request.to_string().as_bytes())
            .unwrap();
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.client.receive(Some(left)).unwrap()? {
                Event::Message(answer) => {
                    let mut answer: Value = serde_json::from_slice(&answer.data).unwrap();
                    // Another one is late.
                    if answer["xid"] == self.asked {
                        assert_eq!(answer["method"], method);
                        let fields = answer.as_object_mut().unwrap();
                        fields.remove("xid");
                        fields.remove("method");
                        return Some(answer);
                    }
                }
                Event::Lost(_) => return None,
                Event::Piece(piece) => panic!("{piece:?}"),
            }
        }
    }

    pub fn ask(&mut self, which: Which, method: &str, fields: Value) -> Value {
        self.ask_within(PATIENCE, which, method, fields)
            .expect("an answer in time")
    }

    /// Asks for what is refused, and says why it is.
    pub fn refused(&mut self, which: Which, method: &str, fields: Value) -> String {
        let answer = self.ask(which, method, fields.clone());
        assert_eq!(answer["result"], false, "{method} {fields}: {answer}");
        answer["description"]
            .as_str()
            .unwrap_or_else(|| panic!("{method} {fields}: {answer}"))
            .to_owned()
    }

    /// Sends these bytes, and returns the answer to them.
    pub fn raw(&mut self, which: Which, data: &[u8]) -> Result<Value, Error> {
        let answer = self.client.request(self.own, which.port(), data, PATIENCE)?;
        Ok(serde_json::from_slice(&answer.data).unwrap())
    }

    pub fn shut_down(&mut self, which: Which) {
        assert_eq!(self.ask(which, "shutdown", json!({})), json!({ "result": true }));
    }
}
