//! Workers: what they do, what they may not, and how they end. The file that they run is the built shell's.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "system calls that are to fail, or add memory of this process"
)]

#[path = "../../tests/src/hostile.rs"]
#[allow(unreachable_pub, reason = "the end-to-end tests have it too")]
mod hostile;

use portico::worker::{Limits, MEMORY, Task, WorkerCompiler, WorkerError, Workers, limits, sandbox};
use portico_kernel::{Bound, Budget, Cancel, CompileError, Compiler as _, LoadOptions, compile};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// The processes are looked for among all children of this one: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn compiler() -> WorkerCompiler {
    WorkerCompiler(Workers::of(env!("CARGO_BIN_EXE_portico"), MEMORY))
}

fn small() -> Vec<u8> {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "run")))"#).unwrap()
}

/// Workers of this process: their ids, and the bytes of memory that each has for itself now.
fn workers() -> HashMap<u32, u64> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else {
            continue;
        };
        let field = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
        };
        let number = |name: &str| field(name).and_then(|value| value.parse::<u64>().ok());
        if number("PPid:") == Some(std::process::id().into()) && field("State:") != Some("Z") {
            found.insert(id, number("RssAnon:").unwrap_or_default() << 10);
        }
    }
    found
}

/// Waits until a worker has taken its input and works: it uses the processor.
fn working() -> u32 {
    let started = Instant::now();
    loop {
        let busy = workers().into_iter().find(|(_, memory)| *memory > 16 << 20);
        if let Some((id, _)) = busy {
            return id;
        }
        assert!(started.elapsed() < PATIENCE, "no worker works");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Looks at the workers until `done`: the most memory that one of them had, and all of them together.
fn watch(done: &AtomicBool) -> (u64, u64) {
    let (mut one, mut all) = (0, 0);
    while !done.load(Ordering::Relaxed) {
        let now = workers();
        one = one.max(now.values().copied().max().unwrap_or_default());
        all = all.max(now.values().sum());
        thread::sleep(Duration::from_millis(5));
    }
    (one, all)
}

/// What this returns while somebody watches the workers.
fn watched<T>(act: impl FnOnce() -> T) -> (T, (u64, u64)) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&done));
        let result = act();
        done.store(true, Ordering::Relaxed);
        (result, watching.join().unwrap())
    })
}

/// A module that is compiled for many seconds, within its memory.
fn long() -> Vec<u8> {
    hostile::loops(40_000)
}

/// Limits by which [`long`] goes on for long.
fn patient() -> Limits {
    let seconds = Duration::from_secs(600);
    Limits {
        memory: 700 << 20,
        processor: seconds,
        deadline: seconds,
        answer: 100 << 20,
        threads: 2,
    }
}

#[test]
fn a_worker_compiles_as_this_process_does() {
    let _alone = alone();
    let code = compiler().compile(&small(), &LoadOptions::default()).unwrap();
    assert_eq!(code, compile(&small()).unwrap());
    assert_eq!(workers(), HashMap::new(), "nothing is left of it");
}

#[test]
fn what_is_not_valid_is_refused_in_the_compilers_words() {
    let _alone = alone();
    let wrong = wat::parse_str("(module (func (result i32)))").unwrap();
    let here = compile(&wrong).unwrap_err();
    let Err(there) = compiler().compile(&wrong, &LoadOptions::default()) else {
        panic!("it was compiled")
    };
    assert_eq!(there, here);
    assert!(matches!(there, CompileError::Invalid(_)), "{there:?}");
}

#[test]
fn hostile_modules_meet_their_budgets() {
    let _alone = alone();
    for (name, module) in hostile::all() {
        let most = limits(module.len(), Budget::default());
        let begun = Instant::now();
        let (result, (one, _)) = watched(|| compiler().compile(&module, &LoadOptions::default()));
        let took = begun.elapsed();
        assert!(
            matches!(result, Err(CompileError::OverBudget(..))),
            "{name}: {:?}",
            result.map(|code| code.len())
        );
        // What the loader has changed of the file is its own, and not counted by the limit.
        assert!(one <= most.memory + (16 << 20), "{name}: {one} bytes");
        assert!(took <= most.deadline + Duration::from_secs(2), "{name}: {took:?}");
    }
    assert_eq!(workers(), HashMap::new());
}

#[test]
fn time_runs_out_too() {
    let _alone = alone();
    let limits = Limits {
        processor: Duration::from_secs(1),
        ..patient()
    };
    let workers = Workers::of(env!("CARGO_BIN_EXE_portico"), MEMORY);
    let begun = Instant::now();
    let why = workers.run(Task::Compile, &long(), &limits, &Cancel::default());
    assert!(
        matches!(why, Err(WorkerError::Time(time)) if time == limits.processor),
        "{why:?}"
    );
    assert!(begun.elapsed() < PATIENCE);
    let limits = Limits {
        deadline: Duration::from_millis(300),
        ..patient()
    };
    let why = workers.run(Task::Compile, &long(), &limits, &Cancel::default());
    assert!(
        matches!(why, Err(WorkerError::Time(time)) if time == limits.deadline),
        "{why:?}"
    );
}

#[test]
fn a_raised_budget_lets_more_through() {
    let times = |number| limits(1 << 20, Budget(std::num::NonZeroU32::new(number).unwrap()));
    assert_eq!(times(4).memory, 4 * times(1).memory);
    assert_eq!(times(4).processor, 4 * times(1).processor);
}

#[test]
fn huge_modules_alone_may_take_more_than_all_others_together() {
    let memory = |mib: usize| limits(mib << 20, Budget::default()).memory;
    assert!(memory(29) <= MEMORY / 8 * 7, "there is room for small ones beside it");
    // What LLVM as a module was seen to take (72 MiB): 1,950 MiB.
    assert!(memory(72) >= 2_000 << 20);
}

#[test]
fn several_share_a_gibibyte() {
    let _alone = alone();
    let compiler = compiler();
    let ((), (_, all)) = watched(|| {
        thread::scope(|scope| {
            for _ in 0..3 {
                for (_, module) in hostile::all() {
                    let compiler = &compiler;
                    scope.spawn(move || compiler.compile(&module, &LoadOptions::default()).unwrap_err());
                }
            }
        });
    });
    assert!(all <= MEMORY, "{all} bytes");
}

#[test]
fn a_worker_that_is_given_up_is_gone_at_once() {
    let _alone = alone();
    let workers_of = Workers::of(env!("CARGO_BIN_EXE_portico"), MEMORY);
    let cancel = Cancel::default();
    let given_up = cancel.clone();
    let run = thread::spawn(move || workers_of.run(Task::Compile, &long(), &patient(), &given_up));
    let id = working();
    let asked = Instant::now();
    cancel.cancel();
    let why = run.join().unwrap();
    let took = asked.elapsed();
    assert!(matches!(why, Err(WorkerError::Cancelled)), "{why:?}");
    assert!(!PathBuf::from(format!("/proc/{id}")).exists(), "the process is there");
    // 100 ms is what is promised; a loaded machine may be late.
    assert!(took < Duration::from_secs(1), "it took {took:?}");
}

#[test]
fn a_worker_that_is_killed_is_a_clear_error() {
    let _alone = alone();
    let run = thread::spawn(|| compiler().0.run(Task::Compile, &long(), &patient(), &Cancel::default()));
    let id = working();
    assert!(
        Command::new("kill")
            .args(["-9", &id.to_string()])
            .status()
            .unwrap()
            .success()
    );
    let why = run.join().unwrap().unwrap_err();
    assert!(
        why.to_string().contains("its process failed") && why.to_string().contains("SIGKILL"),
        "{why}"
    );
}

#[test]
fn a_worker_ends_with_whoever_started_it() {
    let _alone = alone();
    // A shell without a window system, which is killed while it compiles.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("long.wasm");
    fs::write(&file, long()).unwrap();
    let mut shell = Command::new(env!("CARGO_BIN_EXE_portico"))
        .args(["run", "--headless", "--compile-budget", "10"])
        .arg(&file)
        .env("XDG_CACHE_HOME", directory.path())
        .env("HOME", directory.path())
        .spawn()
        .unwrap();
    let parent = shell.id();
    // Of whichever thread has started it.
    let children = || -> String {
        let threads = fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten();
        threads
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
            .collect()
    };
    let started = Instant::now();
    let worker = loop {
        if let Some(id) = children().split_whitespace().next() {
            break id.to_owned();
        }
        assert!(started.elapsed() < PATIENCE, "it starts no worker");
        thread::sleep(Duration::from_millis(2));
    };
    shell.kill().unwrap();
    shell.wait().unwrap();
    let killed = Instant::now();
    // Whoever inherits it may take a while to notice that it has ended.
    let lives = || fs::read_to_string(format!("/proc/{worker}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while lives() {
        assert!(killed.elapsed() < Duration::from_secs(5), "the worker lives on");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A file that answers something of its own instead of working.
fn impostor(directory: &tempfile::TempDir, script: &str) -> Workers {
    let file = directory.path().join("impostor");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    Workers::of(file, MEMORY)
}

#[test]
fn garbage_is_no_answer() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    for (script, says) in [
        ("exit 3", "exit status: 3"),
        ("printf garbage", "ended early"),
        ("printf '%0100d' 0", "it is no answer"),
        // More than it may answer, and less than it says.
        (
            r"printf '\001\000\000\000\000\000\000\000\377\377\377\377\377\377\000\000'",
            "too long",
        ),
        (
            r"printf '\001\000\000\000\000\000\000\000\010\000\000\000\000\000\000\000abc'",
            "not whole",
        ),
        ("exec >/dev/null; exec sleep 100", "ended early"),
    ] {
        let begun = Instant::now();
        let why = impostor(&directory, script).run(Task::Compile, &small(), &patient(), &Cancel::default());
        assert!(
            matches!(&why, Err(WorkerError::Failed(words)) if words.contains(says)),
            "{script}: {why:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(20), "{script}");
    }
    let limits = Limits {
        deadline: Duration::from_millis(100),
        ..patient()
    };
    let why = impostor(&directory, "exec sleep 100").run(Task::Compile, &small(), &limits, &Cancel::default());
    assert!(matches!(why, Err(WorkerError::Time(_))), "{why:?}");
}

#[test]
fn a_file_that_is_not_there_is_a_clear_error() {
    let why = Workers::of("/nonexistent/portico", MEMORY).run(Task::Compile, &[], &patient(), &Cancel::default());
    assert!(matches!(why, Err(WorkerError::Start(_))), "{why:?}");
}

#[test]
fn what_takes_too_much_is_said_with_its_limit() {
    let error = CompileError::OverBudget(
        Bound::Memory(limits(600_000, Budget::default()).memory),
        Budget::default(),
    );
    assert_eq!(error.to_string(), "compiling it takes more than 123 MiB of memory");
}

/// Tries in the sandbox what it is to forbid, in another process that runs this very test.
#[test]
fn nothing_can_be_done_in_the_sandbox() {
    const INSIDE: &str = "PORTICO_TEST_INSIDE";
    if let Some(directory) = std::env::var_os(INSIDE) {
        inside(Path::new(&directory));
    }
    let directory = tempfile::tempdir().unwrap();
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["nothing_can_be_done_in_the_sandbox", "--exact", "--nocapture"])
        .env(INSIDE, directory.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert_eq!(
        said.status.code(),
        Some(42),
        "{text}\n{}",
        String::from_utf8_lossy(&said.stderr)
    );
}

fn inside(directory: &Path) -> ! {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::{UnixDatagram, UnixStream};
    let socket = directory.join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let parent = std::os::unix::process::parent_id();
    let limits = Limits {
        memory: 256 << 20,
        ..patient()
    };
    let worked = Arc::new(AtomicBool::new(false));
    let thread = Arc::clone(&worked);
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let entered = sandbox::enter(&limits, || {
        let (tell, told) = std::sync::mpsc::channel::<()>();
        // Those that are there already go on working.
        thread::spawn(move || {
            tell.send(()).unwrap();
            gone.recv().map(|()| thread.store(true, Ordering::Relaxed))
        });
        told.recv().unwrap();
    });
    let entered = entered.unwrap();
    go.send(()).unwrap();
    let raw = |what: &dyn Fn() -> i64| what() < 0;
    let map = |protection, flags| {
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                4096,
                protection,
                flags | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        at == libc::MAP_FAILED
    };
    let (read_write, executable) = (libc::PROT_READ | libc::PROT_WRITE, libc::PROT_READ | libc::PROT_EXEC);
    let fails = [
        ("reading a file", fs::read("/etc/passwd").is_err()),
        ("reading about itself", fs::read("/proc/self/status").is_err()),
        ("writing a file", fs::write(directory.join("file"), b"x").is_err()),
        ("listing a folder", fs::read_dir("/").is_err()),
        ("removing a file", fs::remove_file(&socket).is_err()),
        ("asking about a file", fs::metadata("/etc/passwd").is_err()),
        ("a Unix socket", UnixStream::connect(&socket).is_err()),
        ("a datagram", UnixDatagram::unbound().is_err()),
        ("a TCP client", TcpStream::connect("127.0.0.1:1").is_err()),
        ("a TCP server", TcpListener::bind("127.0.0.1:0").is_err()),
        ("a UDP socket", UdpSocket::bind("127.0.0.1:0").is_err()),
        ("another process", Command::new("/bin/true").spawn().is_err()),
        ("another thread", thread::Builder::new().spawn(|| ()).is_err()),
        ("a signal", raw(&|| unsafe { libc::kill(parent as i32, 0) }.into())),
        (
            "a signal to a thread",
            raw(&|| unsafe { libc::syscall(libc::SYS_tgkill, parent, parent, 0) }),
        ),
        (
            "looking into a process",
            raw(&|| unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) }),
        ),
        (
            "an anonymous file",
            raw(&|| unsafe { libc::memfd_create(c"x".as_ptr(), 0) }.into()),
        ),
        ("a pipe", std::io::pipe().is_err()),
        ("memory that can be run", map(executable, libc::MAP_PRIVATE)),
        ("memory to be shared", map(read_write, libc::MAP_SHARED)),
        ("more memory", Vec::<u8>::new().try_reserve_exact(300 << 20).is_err()),
        (
            "a higher limit",
            raw(&|| unsafe { libc::syscall(libc::SYS_prlimit64, 0, 2, 0, 0) }),
        ),
    ];
    let computes = !map(read_write, libc::MAP_PRIVATE) && Vec::<u8>::new().try_reserve_exact(100 << 20).is_ok();
    while !worked.load(Ordering::Relaxed) {
        thread::yield_now();
    }
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{entered:?}, computes: {computes}, fails: {fails:#?}");
    let sound = entered.calls && computes && fails.iter().all(|(_, fails)| *fails);
    std::process::exit(if sound { 42 } else { 1 });
}
