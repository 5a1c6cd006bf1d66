//! The user's broker on this machine, and the one embedded in a shell.

use crate::environment;
use crate::executable;
use crate::folders::folders;
use portico_broker::client::Address;
use portico_broker::server::{Broker, Config, PORT, Stopper};
use portico_broker::{Service, Socket};
use portico_ipc::Endpoint;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::{env, io, thread};

/// Where the broker's Unix socket is: in the directory that only this user can enter. On Windows a named pipe has that name.
///
/// # Errors
/// When there is no such directory.
pub fn socket() -> Result<PathBuf, String> {
    Endpoint::shared()
        .map(|directory| directory.join("broker.socket"))
        .map_err(|error| error.to_string())
}

/// Services of the user, then those of the system, then those that came with the shell, of which the first counts where two have
/// the same type; and what is wrong with the files of others.
///
/// A service that is a program becomes a command, which has the running shell open that program.
pub fn services() -> (Vec<Service>, Vec<String>) {
    let user = folders().map(|directories| directories.config_dir().to_owned());
    let system = environment::system_config_folders()
        .into_iter()
        .filter(|_| cfg!(target_os = "linux"))
        .map(|path| path.join("portico"));
    let (mut services, mut wrong) = (Vec::new(), Vec::new());
    for folder in user.into_iter().chain(system) {
        let (found, errors) = Service::read(&folder.join("services"));
        services.extend(found);
        wrong.extend(errors.into_iter().map(|error| error.to_string()));
    }
    if let Ok(folder) = executable::folder() {
        let (found, errors) = beside(folder);
        let said: Vec<_> = services.iter().map(|service| service.kind.clone()).collect();
        services.extend(found.into_iter().filter(|service| !said.contains(&service.kind)));
        wrong.extend(errors);
    }
    match executable::installed_command() {
        Ok(shell) => services
            .iter_mut()
            .for_each(|service| as_command(service, &shell.to_string_lossy())),
        Err(error) => wrong.push(format!("services that are programs can't be started: {error}")),
    }
    (services, wrong)
}

/// The services that came with a shell in this folder, whose programs lie beside it.
fn beside(folder: &Path) -> (Vec<Service>, Vec<String>) {
    let places = ["services", "../services", "../share/portico/services"].map(|place| folder.join(place));
    let Some(place) = places.into_iter().find(|place| place.is_dir()) else {
        return <_>::default();
    };
    let (mut services, errors) = Service::read(&place);
    for name in services.iter_mut().filter_map(|service| service.command.first_mut()) {
        let program = folder.join(&*name).with_extension(env::consts::EXE_EXTENSION);
        if program.is_file() {
            *name = program.to_string_lossy().into_owned();
        }
    }
    (services, errors.into_iter().map(|error| error.to_string()).collect())
}

/// Has the shell start what is a program.
fn as_command(service: &mut Service, shell: &str) {
    if let Some(program) = service.program.take() {
        service.command = [shell, "run", "--serve", &service.kind, &program]
            .map(str::to_owned)
            .into();
    }
}

/// Where the broker is that runs: the one that the environment names, or the one at the usual place.
pub(super) fn address() -> io::Result<Address> {
    // Anybody may listen on the port; in the directory of the socket nobody else can.
    if environment::names_broker() {
        Ok(Address::from_environment())
    } else {
        Ok(Address::Socket(socket().map_err(io::Error::other)?))
    }
}

/// Connects to the broker that runs.
pub(super) fn running() -> io::Result<Socket> {
    Socket::connect(&address()?)
}

/// A broker embedded in this process, on a thread of its own.
pub(super) struct EmbeddedBroker {
    thread: JoinHandle<()>,
    stopper: Stopper,
}

impl EmbeddedBroker {
    /// Starts it. Where another one has the port, as another user's may, it has its socket alone.
    pub(super) fn start() -> io::Result<Self> {
        let (services, wrong) = services();
        for wrong in wrong {
            tracing::warn!("a service is left out: {wrong}");
        }
        let socket = Some(socket().map_err(io::Error::other)?);
        let config = Config {
            socket,
            services,
            ..Config::default()
        };
        let broker = Broker::bind(config.clone()).or_else(|error| {
            if error.kind() != io::ErrorKind::AddrInUse {
                return Err(error);
            }
            let broker = Broker::bind(Config {
                address: None,
                ..config
            })?;
            tracing::warn!(
                "another process listens on port {PORT}: native processes reach this broker by its socket alone"
            );
            Ok(broker)
        })?;
        let stopper = broker.stopper();
        let run = move || {
            if let Err(error) = broker.run() {
                tracing::error!("the message broker failed: {error}");
            }
        };
        let thread = thread::Builder::new().name("broker".into()).spawn(run)?;
        Ok(Self { thread, stopper })
    }

    /// Whether it has come to an end by itself.
    pub(super) fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Stops it; its socket is gone then.
    pub(super) fn stop(self) {
        self.stopper.stop();
        if self.thread.join().is_err() {
            tracing::error!("the message broker has panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::fs;

    #[test]
    fn what_came_with_the_shell_is_found_wherever_that_is() {
        let folder = tempfile::tempdir().unwrap();
        let (bin, files) = (folder.path().join("bin"), folder.path().join("share/portico/services"));
        fs::create_dir_all(&bin).unwrap();
        assert_eq!(beside(&bin), Default::default());
        fs::create_dir_all(&files).unwrap();
        let program = bin.join("portico-notes").with_extension(env::consts::EXE_EXTENSION);
        fs::write(&program, "").unwrap();
        let notes = "type = \"org.example.notes\"\ncommand = [\"portico-notes\", \"-x\"]";
        fs::write(files.join("notes.toml"), notes).unwrap();
        fs::write(
            files.join("sleep.toml"),
            "type = \"org.example.sleep\"\ncommand = [\"sleep\"]",
        )
        .unwrap();
        fs::write(files.join("wrong.toml"), "type").unwrap();
        let (services, wrong) = beside(&bin);
        assert_eq!(services[0].command, [program.to_str().unwrap(), "-x"]);
        assert_eq!(services[1].command, ["sleep"], "it is looked for elsewhere");
        assert_eq!((services.len(), wrong.len()), (2, 1));
    }

    #[test]
    fn a_service_that_is_a_program_is_started_by_the_shell() {
        let mut service = Service::parse("type = \"org.example.notes\"\nprogram = \"12345678\"").unwrap();
        as_command(&mut service, "/usr/bin/portico");
        assert_eq!(
            service.command,
            ["/usr/bin/portico", "run", "--serve", "org.example.notes", "12345678"]
        );
        let native = Service::parse("type = \"org.example.notes\"\ncommand = [\"/usr/bin/notes\"]").unwrap();
        let mut same = native.clone();
        as_command(&mut same, "/usr/bin/portico");
        assert_eq!(same, native);
    }
}
