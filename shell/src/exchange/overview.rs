//! What there is on the broker, as the settings show it.

use super::broker;
use portico_broker::client::Client;
use serde_json::Value;

/// What there is on the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Who is connected.
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
    /// Asks the broker that runs; nothing where none does. This may wait.
    pub fn of_running() -> Option<Self> {
        let mut client = Client::connect(&broker::address().ok()?).ok()?;
        let directory = client.directory().ok()?;
        let own = client_of(&directory);
        let mut overview = Self::read(&directory, std::process::id().into());
        overview.connections.retain(|connected| Some(connected.number) != own);
        Some(overview)
    }

    /// What a directory says; connections of the process `own` are this shell's.
    fn read(directory: &Value, own: u64) -> Self {
        let rows = |name: &str| directory[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let connected = |row: &Value| Connected {
            number: number(&row["connection"]),
            name: match (text(&row["label"]), text(&row["name"])) {
                (label, _) if !label.is_empty() && row["process"].as_u64() == Some(own) => label,
                (label, name) if label.is_empty() => name,
                (label, name) => format!("{label} ({name})"),
            },
            ports: number(&row["ports"]),
            sent: number(&row["messages_sent"]),
            received: number(&row["messages_received"]),
        };
        let port = |row: &Value| PortInUse {
            number: number(&row["port"]),
            owner: number(&row["connection"]),
            handles: row["serves"].as_array().into_iter().flatten().map(text).collect(),
        };
        let service = |row: &Value| KnownService { kind: text(&row["type"]), processes: number(&row["processes"]) };
        Self {
            connections: rows("connections").iter().map(connected).collect(),
            ports: rows("ports").iter().map(port).collect(),
            services: rows("services").iter().map(service).collect(),
        }
    }
}

/// The connection that has asked: the newest of this process, which has no ports.
fn client_of(directory: &Value) -> Option<u64> {
    let own = u64::from(std::process::id());
    let rows = directory["connections"].as_array()?;
    let asked = rows.iter().rev().find(|row| row["process"].as_u64() == Some(own) && row["ports"] == 0)?;
    asked["connection"].as_u64()
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
                { "connection": 4, "name": "process 9", "process": 9, "ports": 0, "label": "Memos" },
                { "connection": 5, "name": "process 7", "process": 7, "ports": 0, "label": "Storage" },
            ],
            "ports": [{ "port": 11001, "connection": 0, "serves": ["org.example.notes"] }],
            "services": [{ "type": "org.example.notes", "processes": 1 }],
        });
        let overview = Overview::read(&directory, 9);
        let connected = |number, name: &str| Connected { number, name: name.into(), ..Connected::default() };
        let first = Connected { ports: 1, sent: 2, received: 3, ..connected(0, "process 7") };
        assert_eq!(overview.connections, [first, connected(4, "Memos"), connected(5, "Storage (process 7)")]);
        let port = PortInUse { number: 11_001, owner: 0, handles: vec!["org.example.notes".into()] };
        assert_eq!(overview.ports, [port]);
        assert_eq!(overview.services, [KnownService { kind: "org.example.notes".into(), processes: 1 }]);
        assert_eq!(Overview::read(&Value::Null, 9), Overview::default());
    }
}
