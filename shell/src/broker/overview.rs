//! Overview of the message broker, as the settings show it.

use super::embedded;
use portico_broker::client::Client;
use portico_kernel::ProgramText;
use serde_json::Value;

/// Connections, ports and services of the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Connected processes.
    pub connections: Vec<Connected>,
    /// Open ports.
    pub ports: Vec<PortInUse>,
    /// Services that the broker knows.
    pub services: Vec<KnownService>,
}

/// A process that is connected, or a program of a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connected {
    /// The broker's number for it.
    pub number: u64,
    /// What it calls itself, and for other processes what the system says of it.
    pub name: String,
    /// How many ports it has open.
    pub ports: u64,
    /// Messages that it has sent.
    pub sent: u64,
    /// Messages that it was sent.
    pub received: u64,
}

/// An open port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortInUse {
    /// Its number.
    pub number: u64,
    /// Who has it: [`Connected::number`].
    pub owner: u64,
    /// Types and objects that it handles.
    pub handles: Vec<String>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownService {
    /// The type that it handles.
    pub kind: String,
    /// How many of its processes run.
    pub processes: u64,
}

impl Overview {
    /// Asks the broker that runs; `None` if none answers. Blocks for a few seconds at most.
    pub fn of_running() -> Option<Self> {
        let mut client = Client::connect(&embedded::address().ok()?).ok()?;
        let directory = client.directory_within(super::TIMEOUT).ok()?;
        Some(Self::read(&directory, std::process::id().into()))
    }

    /// What a directory says; connections of the process `own` are this shell's. The one that has asked is left out: it has no
    /// port, and doesn't say what it is called, as those of programs do.
    fn read(directory: &Value, own: u64) -> Self {
        let rows = |name: &str| directory[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let text = |value: &Value| shown(value).to_string();
        let is_own = |row: &Value| row["process"].as_u64() == Some(own);
        let has_asked = |row: &&Value| is_own(row) && row["label"] == "" && row["ports"] == 0;
        let connected = |row: &Value| Connected {
            number: number(&row["connection"]),
            name: Some(text(&row["label"]))
                .filter(|of| is_own(row) && !of.is_empty())
                .unwrap_or_else(|| called(row)),
            ports: number(&row["ports"]),
            sent: number(&row["messages_sent"]),
            received: number(&row["messages_received"]),
        };
        let port = |row: &Value| PortInUse {
            number: number(&row["port"]),
            owner: number(&row["connection"]),
            handles: row["serves"].as_array().into_iter().flatten().map(text).collect(),
        };
        let service = |row: &Value| KnownService {
            kind: text(&row["type"]),
            processes: number(&row["processes"]),
        };
        Self {
            connections: rows("connections")
                .iter()
                .filter(|row| !has_asked(row))
                .map(connected)
                .collect(),
            ports: rows("ports").iter().map(port).collect(),
            services: rows("services").iter().map(service).collect(),
        }
    }
}

/// The name of a connection in the directory: its label, and the system's data of its process.
pub fn called(row: &Value) -> String {
    match (shown(&row["label"]), shown(&row["name"])) {
        (label, name) if label.is_empty() => name.to_string(),
        (label, name) => format!("{label} ({name})"),
    }
}

/// Makes a text of another process safe to show, as those of programs.
fn shown(value: &Value) -> ProgramText {
    value.as_str().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_directory_is_read() {
        let directory = json!({
            "connections": [
                { "connection": 0, "name": "process 7", "process": 7, "ports": 1, "messages_sent": 2, "messages_received": 3 },
                { "connection": 4, "name": "process 9", "process": 9, "ports": 0, "label": "Me\u{202E}mos" },
                { "connection": 2, "name": "process 9", "process": 9, "ports": 0, "label": "" },
                { "connection": 5, "name": "process 7", "process": 7, "ports": 0, "label": "Storage" },
                { "connection": 6, "name": "process 9", "process": 9, "ports": 1, "label": "" },
            ],
            "ports": [{ "port": 11001, "connection": 0, "serves": ["org.example.notes"] }],
            "services": [{ "type": "org.example.notes", "processes": 1 }],
        });
        let overview = Overview::read(&directory, 9);
        let connected = |number, name: &str| Connected {
            number,
            name: name.into(),
            ..Connected::default()
        };
        let first = Connected {
            ports: 1,
            sent: 2,
            received: 3,
            ..connected(0, "process 7")
        };
        // The one that has asked is left out; a program whose name can't be seen is not.
        let unseen = Connected {
            ports: 1,
            ..connected(6, "process 9")
        };
        assert_eq!(
            overview.connections,
            [
                first,
                connected(4, "Memos"),
                connected(5, "Storage (process 7)"),
                unseen
            ]
        );
        let port = PortInUse {
            number: 11_001,
            owner: 0,
            handles: vec!["org.example.notes".into()],
        };
        assert_eq!(overview.ports, [port]);
        assert_eq!(
            overview.services,
            [KnownService {
                kind: "org.example.notes".into(),
                processes: 1
            }]
        );
        assert_eq!(Overview::read(&Value::Null, 9), Overview::default());
    }
}
