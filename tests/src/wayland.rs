//! A headless Wayland compositor.

use crate::desktop::{Area, Guard, SCREEN, Window, isolate};
use crate::poll;
use crate::seat::Seat;
use serde_json::Value;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

pub(crate) struct Sway {
    pub(crate) seat: Seat,
    server: Mutex<Option<Guard>>,
}

impl Sway {
    /// Starts sway, as an ordinary user where the tests run as root, which it refuses.
    pub(crate) fn start(directory: &Path) -> (Self, Vec<(String, String)>) {
        let place = directory.join("sway");
        let config = place.join("config");
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&place)?;
            std::fs::write(
                &config,
                format!(
                    "output * resolution {}x{} bg #404040 solid_color\ndefault_border none\ndefault_floating_border none\n\
                     for_window [title=\".*\"] floating enable\nfocus_on_window_activation focus\nxwayland disable\n",
                    SCREEN.0, SCREEN.1
                ),
            )?;
            std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o711))?;
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700))
        };
        assert!(write().is_ok(), "can't write sway's configuration");
        let root = std::fs::metadata(&place).is_ok_and(|metadata| metadata.uid() == 0);
        let mut command = if root {
            let owned = Command::new("chown").arg("-R").arg("nobody").arg(&place).status();
            assert!(
                owned.is_ok_and(|status| status.success()),
                "can't give sway its directory"
            );
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "sway"]);
            command
        } else {
            Command::new("sway")
        };
        isolate(&mut command, directory);
        let socket = place.join("control");
        command
            .env("XDG_RUNTIME_DIR", &place)
            .env("HOME", &place)
            .env("SWAYSOCK", &socket);
        command
            .env("WLR_BACKENDS", "headless")
            .env("WLR_LIBINPUT_NO_DEVICES", "1")
            .env("WLR_RENDERER", "pixman");
        command
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = match command.spawn() {
            Ok(child) => Guard(child),
            Err(error) => panic!("sway can't be started: {error}"),
        };
        let find = || {
            let mut entries = std::fs::read_dir(&place).ok()?.flatten();
            let display = entries.find(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                name.starts_with("wayland-") && !name.ends_with(".lock")
            })?;
            socket.exists().then(|| display.path())
        };
        let Some(display) = poll(find) else {
            panic!("sway does not start")
        };
        let seat = match Seat::connect(&display) {
            Ok(seat) => seat,
            Err(error) => panic!("no keyboard and pointer on sway: {error:#}"),
        };
        let text = |path: &Path| path.display().to_string();
        let environment = vec![
            ("WAYLAND_DISPLAY".to_owned(), text(&display)),
            ("SWAYSOCK".to_owned(), text(&socket)),
        ];
        (
            Self {
                seat,
                server: Mutex::new(Some(server)),
            },
            environment,
        )
    }

    /// Ends the compositor under everything that is connected to it.
    pub(crate) fn end(&self) {
        if let Ok(mut server) = self.server.lock() {
            *server = None;
        }
    }

    /// The windows in an answer to `get_tree`.
    pub(crate) fn windows(&self, tree: &[u8]) -> Vec<Window> {
        fn walk(node: &Value, windows: &mut Vec<Window>) {
            if !node["pid"].is_null() {
                let number = |value: &Value| {
                    value
                        .as_i64()
                        .and_then(|number| i32::try_from(number).ok())
                        .unwrap_or(0)
                };
                let unsigned = |name: &str| {
                    node[name]
                        .as_u64()
                        .and_then(|number| u32::try_from(number).ok())
                        .unwrap_or(0)
                };
                let area = Area {
                    x: number(&node["rect"]["x"]),
                    y: number(&node["rect"]["y"]),
                    width: number(&node["rect"]["width"]),
                    height: number(&node["rect"]["height"]),
                };
                let title = node["name"].as_str().unwrap_or_default().to_owned();
                windows.push(Window::new(unsigned("id"), unsigned("pid"), title, area));
            }
            for list in ["nodes", "floating_nodes"] {
                for child in node[list].as_array().into_iter().flatten() {
                    walk(child, windows);
                }
            }
        }
        let mut windows = Vec::new();
        if let Ok(tree) = serde_json::from_slice(tree) {
            walk(&tree, &mut windows);
        }
        windows
    }
}
