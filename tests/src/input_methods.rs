//! Real input methods on a desktop: ibus and fcitx5, both with m17n's Pinyin with tones and nothing else, so that every key goes
//! to that.

use crate::desktop::{Guard, Server};
use crate::{Desktop, Window, poll};
use std::process::{Command, Stdio};

/// Which input method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// ibus 1.5: on X11 alone, since it does not speak the protocol of Wayland compositors such as sway.
    Ibus,
    /// fcitx5.
    Fcitx,
}

impl Method {
    /// What `XMODIFIERS` calls it.
    pub fn modifiers(self) -> &'static str {
        match self {
            Self::Ibus => "@im=ibus",
            Self::Fcitx => "@im=fcitx",
        }
    }

    /// What the X server's selection of it is called.
    fn selection(self) -> &'static str {
        match self {
            Self::Ibus => "@server=ibus",
            Self::Fcitx => "@server=fcitx",
        }
    }

    fn engine(self) -> &'static str {
        match self {
            Self::Ibus => "/usr/share/ibus/component/m17n.xml",
            Self::Fcitx => "/usr/share/fcitx5/addon/m17n.conf",
        }
    }
}

/// An input method that runs on a desktop.
pub struct InputMethod {
    method: Method,
    server: Guard,
}

impl InputMethod {
    /// Starts it and waits until programs can reach it; `None`, said on standard error, where it is not installed.
    pub fn start(desktop: &Desktop, method: Method) -> Option<Self> {
        let program = if method == Method::Ibus {
            "ibus-daemon"
        } else {
            "fcitx5"
        };
        if !crate::installed(&[program]) {
            return None;
        }
        if !std::path::Path::new(method.engine()).exists() {
            eprintln!(
                "skipped: {} is not there (`cargo xtask test` installs it)",
                method.engine()
            );
            return None;
        }
        Some(Self {
            method,
            server: launch(desktop, method),
        })
    }

    /// Ends it without a word, and starts it anew.
    pub fn restart(&mut self, desktop: &Desktop) {
        let _ = self.server.0.kill();
        let _ = self.server.0.wait();
        self.server = launch(desktop, self.method);
    }

    /// Stops it where it is, so that it answers nobody, or lets it go on.
    pub fn stop(&self, stopped: bool) {
        let signal = if stopped { "-STOP" } else { "-CONT" };
        let sent = Command::new("kill")
            .args([signal, &self.server.0.id().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "the input method can't be stopped"
        );
    }

    /// Its list of candidates, where that is shown. X11 only.
    pub fn candidates(&self, desktop: &Desktop) -> Option<Window> {
        let Server::X11(server) = &desktop.server else {
            return None;
        };
        let class = if self.method == Method::Ibus { "ibus" } else { "fcitx" };
        // Its panels of other kinds are smaller.
        server
            .unmanaged(class)
            .ok()?
            .into_iter()
            .find(|window| window.width() > 40 && window.height() > 16)
    }
}

fn launch(desktop: &Desktop, method: Method) -> Guard {
    let mut command = match method {
        Method::Ibus => {
            let mut command = desktop.command("ibus-daemon");
            command
                .args(["--xim", "--config=disable", "--cache=none"])
                .env("GSETTINGS_BACKEND", "memory");
            command
        }
        Method::Fcitx => {
            let place = desktop.directory().join("config/fcitx5");
            let profile = "[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM=m17n_zh_tonepy\n\n\
                           [Groups/0/Items/0]\nName=m17n_zh_tonepy\nLayout=\n\n[GroupOrder]\n0=Default\n";
            let write = || {
                std::fs::create_dir_all(place.join("conf"))?;
                // Others do the same better; this one is enough here, and small.
                std::fs::write(place.join("conf/m17n.conf"), "EnableDeprecated=True\n")?;
                std::fs::write(place.join("profile"), profile)
            };
            assert!(write().is_ok(), "fcitx5 can't be set up");
            desktop.command("fcitx5")
        }
    };
    let server = match command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    {
        Ok(child) => Guard(child),
        Err(error) => panic!("{method:?} can't be started: {error}"),
    };
    if let Server::X11(x11) = &desktop.server {
        let ready = poll(|| x11.is_selected(method.selection()).then_some(()));
        assert!(ready.is_some(), "{method:?} does not serve X programs");
    }
    if method == Method::Ibus {
        let engine = |name: &str| desktop.tool("ibus", &["engine"]).starts_with(name.as_bytes());
        // Its panel chooses a keyboard layout when it is up.
        let ready = poll(|| engine("xkb:").then_some(()));
        assert!(ready.is_some(), "ibus does not start");
        let chosen = || {
            // The exit code says nothing.
            desktop.tool("ibus", &["engine", "m17n:zh:tonepy"]);
            engine("m17n:zh:tonepy").then_some(())
        };
        assert!(poll(chosen).is_some(), "ibus does not take its engine");
    }
    server
}
