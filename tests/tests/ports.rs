//! Programs in windows and native programs exchange messages: the user is asked, the shell runs a broker where none runs, and
//! programs are started because somebody wants what they handle.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_broker::client::{Address, Client, Error};
use portico_broker::wire::Code;
use portico_tests::programs::{OnKey, answerer, named, save, still};
use portico_tests::{Desktop, PATIENCE, Window, poll};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

portico_tests::on_each_desktop!(
    a_program_answers_native_ones_until_that_is_taken_back,
    a_program_is_started_because_somebody_wants_what_it_handles,
    the_broker_runs_with_the_shell_if_the_user_wants_that,
    the_settings_show_what_there_is_on_the_broker_as_it_changes,
);

const NAME: &str = "Answerer";
const REVOKED: i32 = 7;

/// Longer than a prompt takes to arm.
const ARMED: Duration = Duration::from_millis(900);

fn socket(desktop: &Desktop) -> PathBuf {
    desktop.directory().join("runtime/portico/broker.socket")
}

/// A native program, once there is a broker.
fn client(desktop: &Desktop) -> Client {
    let address = Address::Socket(socket(desktop));
    poll(|| Client::connect(&address).ok()).unwrap_or_else(|| desktop.fail("there is no broker"))
}

/// Asks the program until it is there.
fn ask(client: &mut Client, port: u64) -> Vec<u8> {
    let own = client.open(0).unwrap();
    let answer = poll(|| match client.request(own, port, b"hello", PATIENCE) {
        Ok(answer) => Some(answer.data),
        Err(Error::Refused(Code::NoSuchPort)) => None,
        Err(error) => panic!("{error}"),
    });
    answer.unwrap()
}

/// Waits until a sheet hangs from the toolbar, or does not.
fn prompt(desktop: &Desktop, window: &Window, there: bool) {
    let at = window.frame((window.width() / 2, 12));
    let is = || desktop.pixel(at).is_some_and(|rgb| rgb.iter().all(|part| *part > 0xE0));
    if poll(|| (is() == there).then_some(())).is_none() {
        desktop.fail(if there {
            "there is no prompt"
        } else {
            "the prompt is still there"
        });
    }
}

fn a_program_answers_native_ones_until_that_is_taken_back(desktop: &Desktop) {
    let mut running = desktop.run("answerer", &named(answerer(2917), NAME));
    let window = desktop.window(NAME);
    desktop.resize(&window, 560, 400);
    let window = desktop.window(NAME);
    desktop.focus(&window);
    prompt(desktop, &window, true);
    assert!(
        !socket(desktop).exists(),
        "nothing is started before the user has said yes"
    );
    // Allow.
    std::thread::sleep(ARMED);
    (0..3).for_each(|_| desktop.key("Tab"));
    desktop.key("Return");
    prompt(desktop, &window, false);
    let mut client = client(desktop);
    assert_eq!(ask(&mut client, 2917), b"hello");
    let status: Value = serde_json::from_str(&desktop.done(&["broker", "status", "--json"])).unwrap();
    assert!(
        status["ports"]
            .as_array()
            .unwrap()
            .iter()
            .any(|port| port["port"] == 2917),
        "{status:#}"
    );
    if desktop.accessible() {
        desktop.node("In use: Exchange messages with native programs");
    }
    // Taken back while it is open: the channel says so, which is what this program ends with.
    desktop.done(&["grants", "deny", NAME, "ports"]);
    let own = client.open(0).unwrap();
    // The program hears of it on its own thread: a request that it has taken a moment before is answered by nobody.
    let gone = poll(|| match client.request(own, 2917, b"hello", Duration::from_secs(1)) {
        Err(Error::Refused(Code::NoSuchPort)) => Some(()),
        Ok(_) | Err(Error::TimedOut) => None,
        Err(error) => panic!("{error}"),
    });
    assert!(gone.is_some(), "the port is still there");
    desktop.close(&desktop.window(NAME));
    let status = running.wait(PATIENCE);
    assert_eq!(
        status.and_then(|status| status.code()),
        Some(REVOKED),
        "{}",
        running.said()
    );
    // The shell's broker goes with the shell, and leaves nothing behind.
    let start = std::time::Instant::now();
    while client.receive(Some(Duration::from_millis(100))).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the broker is still there");
    }
    assert!(!socket(desktop).exists());
}

fn a_program_is_started_because_somebody_wants_what_it_handles(desktop: &Desktop) {
    let file = save(desktop.directory(), "answerer", &named(answerer(11_001), NAME));
    let installed: Value =
        serde_json::from_str(&desktop.done(&["install", "--json", &file.display().to_string()])).unwrap();
    let hash = installed[0]["hash"].as_str().unwrap().to_owned();
    desktop.done(&["grants", "allow", &hash, "ports"]);
    let services = desktop.directory().join("config/portico/services");
    fs::create_dir_all(&services).unwrap();
    let service = format!("type = \"org.example.answers\"\nports = [11001]\nprogram = \"{hash}\"\n");
    fs::write(services.join("answers.toml"), service).unwrap();
    let broker = desktop.portico(&["broker", "--port", "0"]);
    broker.says("Ready on");

    let mut client = client(desktop);
    let refused = client.open(11_001);
    assert!(
        matches!(refused, Err(Error::Refused(Code::NotPermitted))),
        "{refused:?}"
    );
    let object = "org.example.answers::1".parse().unwrap();
    for _ in 0..2 {
        // Twice: when its user has closed it, it is started again.
        let port = client
            .resolve(&object, Some(PATIENCE))
            .unwrap_or_else(|error| panic!("{error}: {}", broker.said()));
        assert_eq!(port, 11_001);
        assert_eq!(ask(&mut client, port), b"hello");
        let window = desktop.window(NAME);
        desktop.close(&window);
        desktop.window_gone(NAME);
        let ended = poll(|| (client.directory().unwrap()["services"][0]["processes"] == 0).then_some(()));
        assert!(ended.is_some(), "{:#}", client.directory().unwrap());
    }
}

fn the_broker_runs_with_the_shell_if_the_user_wants_that(desktop: &Desktop) {
    let start = || desktop.run("still", &still("Still", [9, 9, 9], (320, 200), OnKey::Nothing));
    let mut running = start();
    let window = desktop.window("Still");
    assert!(!socket(desktop).exists());
    desktop.done(&["msg", "set", "broker", "with-shell"]);
    client(desktop);
    desktop.close(&window);
    assert!(running.wait(PATIENCE).is_some());
    assert!(!socket(desktop).exists());
    // The next one starts it by itself.
    let _running = start();
    client(desktop);
}

fn the_settings_show_what_there_is_on_the_broker_as_it_changes(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let _settings = desktop.portico(&["open", "settings"]);
    desktop.window("Settings");
    desktop.press("Message broker");
    desktop.node("No broker runs.");
    desktop.press("It runs: With the shell");
    desktop.node("Nobody is connected.");
    let mut client = client(desktop);
    let port = client.open(0).unwrap();
    let shown = |part: &str| desktop.nodes().iter().any(|node| node.name.starts_with(part));
    if poll(|| shown(&format!("{port}: ")).then_some(())).is_none() {
        desktop.fail("the new port is not shown");
    }
    // Elsewhere nobody looks; back again, it is as it is now.
    desktop.press("About");
    drop(client);
    desktop.press("Message broker");
    desktop.node("Nobody is connected.");
}
