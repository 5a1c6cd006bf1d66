//! IPC over a real socket: who may use it, and what it makes of clients that mean harm.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_ipc::{
    Client, Endpoint, IpcError, LONGEST_LINE, Listener, MOST_CLIENTS, Payload, Reply, Request, Response, Role, Run,
    Server, join, serve,
};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

struct Fixture {
    _directory: tempfile::TempDir,
    directory: PathBuf,
    endpoint: Endpoint,
}

impl Fixture {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().join("run");
        let endpoint = Endpoint::new(directory.clone(), ":7").unwrap();
        Self {
            _directory: temporary,
            directory,
            endpoint,
        }
    }

    fn listener(&self) -> Listener {
        match join(&self.endpoint).unwrap() {
            Role::Shell(listener) => listener,
            Role::Client(_) => panic!("somebody listens already"),
        }
    }

    /// A shell that has no windows, and never answers a screenshot.
    fn serve(&self) -> Server {
        let kept = std::sync::Mutex::new(Vec::new());
        let handler = move |request: Request, reply: Reply| match request {
            Request::Windows => reply.finish(Response::Windows { windows: Vec::new() }),
            Request::Screenshot { .. } => kept.lock().unwrap().push(reply),
            _ => drop(reply),
        };
        serve(self.listener(), Arc::new(handler)).unwrap()
    }

    fn socket(&self) -> PathBuf {
        self.directory.join("_7.sock")
    }

    /// A client that can say anything.
    fn raw(&self) -> UnixStream {
        let stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn windows(&self) -> Result<Response, IpcError> {
        Client::connect(&self.endpoint)?.ask(&Request::Windows, |_| {})
    }
}

fn no_windows() -> Response {
    Response::Windows { windows: Vec::new() }
}

/// The next line that is an answer, or `None` when the shell has hung up.
fn line(stream: &mut BufReader<UnixStream>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line) {
        Ok(0) => None,
        Ok(_) if line == "{\"answer\":\"accepted\"}\n" => self::line(stream),
        Ok(_) => Some(line),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
        Err(error) => panic!("{error}"),
    }
}

/// Asks until it is so.
fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn only_its_user_can_open_the_socket() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let mode = |path: &PathBuf| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&fixture.directory), 0o700);
    #[cfg(target_os = "linux")]
    assert_eq!(mode(&fixture.socket()), 0o600);
    assert_eq!(fixture.windows().unwrap(), no_windows());
}

#[test]
fn a_directory_that_is_open_to_others_is_not_used() {
    let temporary = tempfile::tempdir().unwrap();
    for mode in [0o755, 0o777, 0o710, 0o701] {
        let directory = temporary.path().join(format!("{mode:o}"));
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).unwrap();
        assert!(
            matches!(Endpoint::new(directory, ":7"), Err(IpcError::Unsafe { .. })),
            "{mode:o}"
        );
    }
    let real = temporary.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o700)).unwrap();
    let link = temporary.path().join("link");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert!(
        matches!(Endpoint::new(link, ":7"), Err(IpcError::Unsafe { .. })),
        "a link may lead anywhere"
    );
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Endpoint::new(file, ":7").is_err());
    assert!(Endpoint::new(real, ":7").is_ok());
}

#[test]
fn displays_have_shells_of_their_own() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    for display in [":8", "wayland-0", "../../elsewhere", "", ":7.0"] {
        let endpoint = Endpoint::new(fixture.directory.clone(), display).unwrap();
        assert!(
            matches!(Client::connect(&endpoint), Err(IpcError::NoShell)),
            "{display}"
        );
        assert!(matches!(join(&endpoint), Ok(Role::Shell(_))), "{display}");
    }
    let names = fs::read_dir(fixture.directory.parent().unwrap()).unwrap();
    assert_eq!(names.count(), 1, "nothing is made outside of the directory");
}

#[test]
fn garbage_is_answered_and_the_next_line_is_heard() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let mut stream = BufReader::new(fixture.raw());
    let garbage: [&[u8]; 7] = [
        b"\n",
        b"hello\n",
        b"\xff\xfe\x00\n",
        b"{\"request\":\"fly\"}\n",
        b"{\"request\":\"end\",\"window\":-1}\n",
        b"{\"request\":\"windows\"}{\n",
        b"{\"request\":\"key\",\"code\":4,\"typo\":1}\n",
    ];
    for bytes in garbage {
        stream.get_mut().write_all(bytes).unwrap();
        let answer = line(&mut stream).unwrap();
        assert!(
            answer.starts_with(r#"{"answer":"error","error":"that is no request: "#),
            "{bytes:?}: {answer}"
        );
        stream.get_mut().write_all(b"{\"request\":\"windows\"}\n").unwrap();
        assert_eq!(line(&mut stream).unwrap(), "{\"answer\":\"windows\",\"windows\":[]}\n");
    }
    // Deeper than any request: no stack is long enough for every depth.
    let deep = [b"[".repeat(200_000).as_slice(), b"\n"].concat();
    stream.get_mut().write_all(&deep).unwrap();
    assert!(line(&mut stream).unwrap().contains("that is no request"));
}

#[test]
fn a_line_without_end_is_refused() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let stream = fixture.raw();
    let mut writer = stream.try_clone().unwrap();
    let writing = std::thread::spawn(move || {
        let mut written = 0;
        while written < LONGEST_LINE * 8 {
            match writer.write(&[b'a'; 65_536]) {
                Ok(bytes) => written += bytes,
                Err(_) => break,
            }
        }
        written
    });
    let mut stream = BufReader::new(stream);
    let answer = line(&mut stream).unwrap();
    assert!(
        answer.contains("a request is a line of at most 1048576 bytes"),
        "{answer}"
    );
    assert_eq!(line(&mut stream), None);
    assert!(
        writing.join().unwrap() < LONGEST_LINE * 8,
        "it was listened to all the same"
    );
    assert_eq!(fixture.windows().unwrap(), no_windows());
}

#[test]
fn a_long_line_within_the_limit_is_heard() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let mut stream = BufReader::new(fixture.raw());
    let mut request = b"{\"request\":\"windows\"".to_vec();
    request.resize(LONGEST_LINE - 2, b' ');
    request.extend(b"}\n");
    stream.get_mut().write_all(&request).unwrap();
    assert_eq!(line(&mut stream).unwrap(), "{\"answer\":\"windows\",\"windows\":[]}\n");
}

#[test]
fn who_does_not_wait_for_answers_is_hung_up_on() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let mut stream = BufReader::new(fixture.raw());
    // One that takes for ever, and more behind it than are kept.
    let _ = stream
        .get_mut()
        .write_all(&b"{\"request\":\"screenshot\"}\n".repeat(100));
    assert_eq!(fixture.windows().unwrap(), no_windows(), "others do not notice");
}

#[test]
fn so_many_clients_and_no_more() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let mut clients: Vec<_> = (0..MOST_CLIENTS)
        .map(|_| Client::connect(&fixture.endpoint).unwrap())
        .collect();
    // All of them are heard.
    for client in &mut clients {
        assert_eq!(client.ask(&Request::Windows, |_| {}).unwrap(), no_windows());
    }
    let mut stream = BufReader::new(fixture.raw());
    let answer = line(&mut stream).unwrap();
    assert!(answer.contains("too many clients"), "{answer}");
    assert_eq!(line(&mut stream), None);
    drop(stream);
    clients.truncate(MOST_CLIENTS / 2);
    soon("seats do not become free", || {
        fixture.windows().is_ok_and(|answer| answer == no_windows())
    });
}

#[test]
fn what_a_crash_leaves_behind_is_in_nobodys_way() {
    let fixture = Fixture::new();
    // The socket of a process that is gone, and its lock file, which nobody holds.
    drop(UnixListener::bind(fixture.socket()).unwrap());
    fs::write(fixture.directory.join("_7.lock"), "").unwrap();
    assert!(fixture.socket().exists());
    assert!(matches!(Client::connect(&fixture.endpoint), Err(IpcError::NoShell)));
    let _server = fixture.serve();
    assert_eq!(fixture.windows().unwrap(), no_windows());
}

#[test]
fn of_many_that_start_at_once_one_is_the_shell() {
    for _ in 0..10 {
        let fixture = Fixture::new();
        let barrier = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (endpoint, barrier) = (fixture.endpoint.clone(), Arc::clone(&barrier));
                std::thread::spawn(move || {
                    barrier.wait();
                    join(&endpoint).unwrap()
                })
            })
            .collect();
        let role: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let shells = role.iter().filter(|role| matches!(role, Role::Shell(_))).count();
        assert_eq!(shells, 1);
    }
}

#[test]
fn a_shell_that_ends_gives_the_place_up() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        let server = fixture.serve();
        assert!(matches!(join(&fixture.endpoint), Ok(Role::Client(_))));
        drop(server);
        assert!(matches!(Client::connect(&fixture.endpoint), Err(IpcError::NoShell)));
    }
}

#[test]
fn answers_have_been_sent_when_the_server_is_gone() {
    let fixture = Fixture::new();
    let (kept, replies) = mpsc::channel();
    let kept = std::sync::Mutex::new(kept);
    let handler = move |_: Request, reply: Reply| kept.lock().unwrap().send(reply).unwrap();
    let server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    let mut client = fixture.raw();
    client.write_all(b"{\"request\":\"windows\"}\n").unwrap();
    let reply = replies.recv_timeout(PATIENCE).unwrap();
    // More than the socket's buffer takes before the client reads.
    let error = "long ".repeat(400_000);
    reply.finish(Response::error(&*error));
    let pause = Duration::from_millis(300);
    let reader = std::thread::spawn(move || {
        std::thread::sleep(pause);
        line(&mut BufReader::new(client)).unwrap()
    });
    // The process could end after that.
    let ((), took) = timed(|| drop(server));
    assert!(took >= pause / 2, "it has not waited: {took:?}");
    assert!(reader.join().unwrap().contains(&error));
}

#[test]
fn a_run_tells_its_start_its_log_and_its_end() {
    let fixture = Fixture::new();
    let handler = |request: Request, reply: Reply| {
        let Request::Run(run) = request else { return };
        reply.started(3);
        let lines = reply.log_lines();
        run.arguments.iter().for_each(|argument| lines.line(argument.clone()));
        reply.finish(Response::Exited { code: 9, report: None });
        lines.line("too late".into());
    };
    let _server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    let run = Run {
        file: "/x.wasm".into(),
        arguments: vec!["a\nb".into(), "ĉ".into()],
        ..Run::default()
    };
    let mut client = Client::connect(&fixture.endpoint).unwrap();
    for _ in 0..2 {
        let mut meanwhile = Vec::new();
        let end = client
            .ask(&Request::Run(run.clone()), |response| meanwhile.push(response))
            .unwrap();
        assert_eq!(end, Response::Exited { code: 9, report: None });
        let log = |line: &str| Response::Log { line: line.into() };
        assert_eq!(meanwhile, [Response::Started { window: 3 }, log("a\nb"), log("ĉ")]);
    }
}

#[test]
fn a_client_that_goes_ends_its_program_once() {
    let fixture = Fixture::new();
    let (tell, told) = mpsc::channel();
    let ended = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ended);
    let handler = move |_: Request, reply: Reply| {
        let count = Arc::clone(&count);
        reply.on_gone(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        tell.send(reply).unwrap();
    };
    let _server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    let mut stream = fixture.raw();
    stream
        .write_all(b"{\"request\":\"run\",\"file\":\"/x.wasm\"}\n")
        .unwrap();
    let reply = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    drop(stream);
    soon("nobody noticed", || ended.load(Ordering::SeqCst) == 1);
    // It has gone already: at once.
    let late = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&late);
    reply.on_gone(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(late.load(Ordering::SeqCst), 1);
    reply.finish(Response::Done);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[test]
fn a_request_that_nobody_answers_says_that_the_shell_is_gone() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    let answer = Client::connect(&fixture.endpoint)
        .unwrap()
        .ask(&Request::End { window: None }, |_| {});
    assert!(matches!(answer, Err(IpcError::Gone)), "{answer:?}");
}

#[test]
fn a_log_that_nobody_reads_is_cut_and_counted() {
    let fixture = Fixture::new();
    let handler = |_: Request, reply: Reply| {
        let lines = reply.log_lines();
        for _ in 0..100_000 {
            lines.line("x".repeat(100));
        }
        reply.finish(Response::Done);
    };
    let _server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    let (mut lines, mut lost) = (0, 0);
    let end = Client::connect(&fixture.endpoint)
        .unwrap()
        .ask(&Request::Windows, |response| match response {
            Response::Log { line } if line.starts_with('…') => {
                lost += line.split(' ').nth(1).unwrap().parse::<usize>().unwrap();
            }
            _ => lines += 1,
        })
        .unwrap();
    assert_eq!(end, Response::Done);
    assert!(lines <= 100_000 && lost > 0, "{lines} lines, {lost} lost");
    assert_eq!(lines + lost, 100_000);
}

#[test]
fn a_program_s_bytes_and_any_path_reach_the_shell() {
    use std::os::unix::ffi::OsStringExt;
    let fixture = Fixture::new();
    let (tell, told) = mpsc::channel();
    let handler = move |request: Request, reply: Reply| {
        tell.send(request).unwrap();
        reply.finish(Response::Done);
    };
    let _server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    // More than a line may have.
    let bytes: Arc<[u8]> = (0..3 * LONGEST_LINE).map(|at| at as u8).collect();
    let file = std::ffi::OsString::from_vec(b"/caf\xe9/a.wasm".to_vec()).into();
    let run = Request::Run(Run {
        file,
        payload: Some(Payload::Here(bytes)),
        ..Run::default()
    });
    let mut client = Client::connect(&fixture.endpoint).unwrap();
    for request in [&run, &Request::Windows, &run] {
        assert_eq!(client.ask(request, drop).unwrap(), Response::Done);
        assert!(told.recv_timeout(PATIENCE).unwrap() == *request);
    }
}

#[test]
fn bytes_that_do_not_come_or_are_too_many_are_refused() {
    let fixture = Fixture::new();
    let _server = fixture.serve();
    for (size, sent) in [(u64::MAX, ""), (1_000, "few")] {
        let mut stream = fixture.raw();
        let request = format!("{{\"request\":\"run\",\"file\":\"-\",\"payload\":{size}}}\n{sent}");
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = self::line(&mut BufReader::new(stream)).unwrap();
        assert!(answer.contains("have not come, or are too many"), "{answer}");
    }
    assert_eq!(fixture.windows().unwrap(), no_windows());
}

/// How long something takes.
fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = act();
    (done, begun.elapsed())
}

#[test]
fn a_shell_that_is_stopped_is_given_up_and_named() {
    let fixture = Fixture::new();
    // The system takes connections for it, and a few of their bytes.
    let listener = UnixListener::bind(fixture.socket()).unwrap();
    let (answer, took) = timed(|| fixture.windows());
    assert!(
        took >= Duration::from_secs(2) && took < Duration::from_secs(5),
        "{took:?}"
    );
    let Err(silent @ IpcError::Silent { .. }) = answer else {
        panic!("{answer:?}")
    };
    if cfg!(target_os = "linux") {
        let process = std::process::id();
        assert_eq!(
            silent.to_string(),
            format!("the running shell (process {process}) does not answer")
        );
    }
    // A request that is longer than the system takes.
    let text = "a".repeat(1 << 20);
    let (answer, took) = timed(|| {
        Client::connect(&fixture.endpoint)
            .unwrap()
            .ask(&Request::Type { window: None, text }, drop)
    });
    assert!(matches!(answer, Err(IpcError::Silent { .. })), "{answer:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop(listener);
}

#[test]
#[cfg(target_os = "linux")]
fn a_shell_that_takes_no_more_clients_is_given_up() {
    let fixture = Fixture::new();
    let listener = UnixListener::bind(fixture.socket()).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let _waits = UnixStream::connect(fixture.socket()).unwrap();
    let (answer, took) = timed(|| Client::connect(&fixture.endpoint));
    assert!(matches!(answer, Err(IpcError::Full)), "{answer:?}");
    assert!(
        took >= Duration::from_secs(2) && took < Duration::from_secs(5),
        "{took:?}"
    );
}

#[test]
fn a_shell_that_goes_on_hears_news_and_does_nothing_for_those_who_have_left() {
    let fixture = Fixture::new();
    let listener = fixture.listener();
    let ask = |request: Request| {
        let endpoint = fixture.endpoint.clone();
        std::thread::spawn(move || Client::connect(&endpoint).unwrap().ask(&request, drop))
    };
    let requests = [
        Request::End { window: None },
        Request::LibraryChanged,
        Request::Windows,
        Request::Grants,
    ];
    for asked in requests.map(ask) {
        let answer = asked.join().unwrap();
        assert!(matches!(answer, Err(IpcError::Silent { .. })), "{answer:?}");
    }
    let (tell, told) = mpsc::channel();
    let handler = move |request: Request, reply: Reply| {
        tell.send(request).unwrap();
        reply.finish(Response::Done);
    };
    let _server = serve(listener, Arc::new(handler)).unwrap();
    let heard = |_| told.recv_timeout(PATIENCE).unwrap();
    let heard: Vec<_> = (0..2).map(heard).collect();
    assert!(
        heard.contains(&Request::LibraryChanged) && heard.contains(&Request::Grants),
        "{heard:?}"
    );
    // Who comes now is heard after them, and finds nothing of the others.
    let answer = Client::connect(&fixture.endpoint)
        .unwrap()
        .ask(&Request::Follow { window: None }, drop);
    assert_eq!(answer.unwrap(), Response::Done);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [Request::Follow { window: None }]);
}

#[test]
fn what_lasts_may_last() {
    let fixture = Fixture::new();
    let handler = |request: Request, reply: Reply| {
        if let Request::Run(_) = request {
            reply.started(1);
        }
        std::thread::sleep(Duration::from_millis(2_500));
        reply.finish(Response::Done);
    };
    let _server = serve(fixture.listener(), Arc::new(handler)).unwrap();
    let requests = [
        Request::Run(Run::default()),
        Request::Windows,
        Request::Follow { window: None },
        Request::WaitFrame {
            window: None,
            frames: 1,
            timeout_ms: 10,
        },
    ];
    let asked = requests.map(|request| {
        let endpoint = fixture.endpoint.clone();
        std::thread::spawn(move || Client::connect(&endpoint).unwrap().ask(&request, drop))
    });
    for asked in asked {
        assert_eq!(asked.join().unwrap().unwrap(), Response::Done);
    }
}
