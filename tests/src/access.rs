//! Accessible names: what a screen reader is told, through AT-SPI.

use crate::{Desktop, poll};
use serde_json::Value;

/// Something that a screen reader can reach.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is, for example `push button`.
    pub role: String,
    /// What it is called.
    pub name: String,
    /// What holds of it: `focused`, `sensitive`, `showing`, `checked`, `selected` …
    pub states: Vec<String>,
    /// Its text, if it has one.
    pub text: Option<String>,
    /// Where it is in its window: left edge, top edge, width and height in pixels.
    pub bounds: Option<[i32; 4]>,
}

impl Desktop {
    fn access(&self, arguments: &[&str]) -> Option<Value> {
        let script = self.directory().join("access.py");
        if !script.exists() {
            std::fs::write(&script, include_str!("access.py")).ok()?;
        }
        // The system's own interpreter: the one that the distribution's bindings belong to.
        let output = self
            .command("/usr/bin/python3")
            .arg(&script)
            .args(arguments)
            .output()
            .ok()?;
        if !output.status.success() {
            eprintln!("access.py {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).ok()
    }

    /// Tells programs that start from now on that a screen reader is there.
    pub(crate) fn enable_access(&self) {
        self.access(&["enable"]);
    }

    /// Kills the bus of assistive technology, and has it started anew by a screen reader that comes back.
    ///
    /// # Panics
    /// When that can't be done.
    pub fn restart_access(&self) {
        const BUS: &str = "org.a11y.Bus";
        let call = || -> zbus::Result<()> {
            let session = zbus::blocking::connection::Builder::address(self.bus())?.build()?;
            let names = zbus::blocking::fdo::DBusProxy::new(&session)?;
            let name = zbus::names::BusName::try_from(BUS)?;
            let process = names.get_connection_unix_process_id(name.clone())?;
            let killed = std::process::Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status();
            assert!(killed.is_ok_and(|status| status.success()), "the bus can't be killed");
            let gone = poll(|| names.name_has_owner(name.clone()).is_ok_and(|has| !has).then_some(()));
            assert!(gone.is_some(), "the bus of assistive technology does not end");
            Ok(())
        };
        if let Err(error) = call() {
            panic!("the bus of assistive technology can't be started anew: {error}");
        }
        self.enable_access();
    }

    /// Everything that a screen reader can reach now.
    pub fn nodes(&self) -> Vec<Node> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let node = |value: &Value| Node {
            role: text(&value["role"]),
            name: text(&value["name"]),
            states: value["states"].as_array().into_iter().flatten().map(text).collect(),
            text: value["text"].as_str().map(str::to_owned),
            bounds: serde_json::from_value(value["bounds"].clone()).ok(),
        };
        self.access(&["list"])
            .and_then(|list| Some(list.as_array()?.iter().map(node).collect()))
            .unwrap_or_default()
    }

    /// Waits until something has that accessible name.
    ///
    /// # Panics
    /// When nothing has.
    pub fn node(&self, name: &str) -> Node {
        let find = |nodes: Vec<Node>| nodes.into_iter().find(|node| node.name == name);
        poll(|| find(self.nodes())).unwrap_or_else(|| {
            let names: Vec<_> = self
                .nodes()
                .into_iter()
                .map(|node| format!("{} {:?}", node.role, node.name))
                .collect();
            self.fail(&format!("nothing is called {name:?}; there is {names:#?}"))
        })
    }

    /// Waits until something has an accessible name with that in it.
    ///
    /// # Panics
    /// When nothing has.
    pub fn node_with(&self, part: &str) -> Node {
        let find = |nodes: Vec<Node>| nodes.into_iter().find(|node| node.name.contains(part));
        poll(|| find(self.nodes())).unwrap_or_else(|| self.fail(&format!("nothing has {part:?} in its name")))
    }

    /// Waits until nothing has that accessible name.
    ///
    /// # Panics
    /// When something still has.
    pub fn node_gone(&self, name: &str) {
        if poll(|| self.nodes().iter().all(|node| node.name != name).then_some(())).is_none() {
            self.fail(&format!("something is still called {name:?}"));
        }
    }

    /// Waits for something of that accessible name and gives it the keyboard, as assistive technology does.
    ///
    /// # Panics
    /// When there is nothing, or it does not take it.
    pub fn grab(&self, name: &str) {
        let focused = |node: Node| node.states.iter().any(|state| state == "focused").then_some(());
        if poll(|| self.access(&["focus", name]).and_then(|_| focused(self.node(name)))).is_none() {
            self.fail(&format!("{name:?} does not take the keyboard"));
        }
    }

    /// Waits for something of that accessible name and presses it, as assistive technology does.
    ///
    /// # Panics
    /// When there is nothing, or it can't be pressed.
    pub fn press(&self, name: &str) {
        self.node(name);
        if poll(|| self.access(&["press", name])?.as_bool()?.then_some(())).is_none() {
            self.fail(&format!("{name:?} can't be pressed"));
        }
    }
}
