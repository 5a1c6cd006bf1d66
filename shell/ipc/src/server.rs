//! The IPC server: threads that read requests and write responses.
//!
//! Each client has two threads. One reads lines and queues requests; the other hands them to the [`Handler`], one after the
//! other, and writes what comes back. The shell's own threads only ever put answers into a queue.

use super::endpoint::{Endpoint, Listener, platform};
use super::{IpcError, LARGEST_PAYLOAD, LONGEST_LINE, MOST_CLIENTS, Payload, Request, Response};
use interprocess::local_socket::{Stream, prelude::*};
use parking_lot::Mutex;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Requests of one client that wait for their turn.
const MOST_WAITING: usize = 32;
/// Log lines under way to one client; what comes beyond is counted instead.
const MOST_LOG_LINES: usize = 4_096;
/// How long a new client may be silent, and how long one may take to read what it has asked for.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Time that clients have for the responses that are given when the server ends.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// A client's threads only shuffle lines.
const STACK: usize = 512 << 10;

/// Handles requests.
pub trait Handler: Send + Sync + 'static {
    /// Handles a request. Called on the client's thread; the answer may be given later, from any thread.
    fn request(&self, request: Request, reply: Reply);
}

impl<F: Fn(Request, Reply) + Send + Sync + 'static> Handler for F {
    fn request(&self, request: Request, reply: Reply) {
        self(request, reply);
    }
}

/// Answers one request. Does not block. A reply that is dropped without an answer sends an error.
#[derive(Debug)]
pub struct Reply {
    outbox: LogLines,
    client: Arc<ClientState>,
    answered: bool,
}

impl Reply {
    /// The program of [`Request::Run`] has its window; the last answer comes when it ends.
    pub fn started(&self, window: u64) {
        self.outbox.send(Response::Started { window });
    }

    /// Sends the program's log lines while it runs. Lines after the last answer are dropped.
    pub fn log_lines(&self) -> LogLines {
        self.outbox.clone()
    }

    /// Whether the client has gone away.
    pub fn is_unwanted(&self) -> bool {
        self.client.0.lock().gone
    }

    /// Calls `act` if the client goes away before it has its last answer; at once if it has gone already.
    pub fn on_gone(&self, act: impl FnOnce() + Send + 'static) {
        let mut inner = self.client.0.lock();
        if inner.gone {
            drop(inner);
            act();
        } else {
            inner.act = Some(Box::new(act));
        }
    }

    /// Gives the last answer.
    pub fn finish(mut self, response: Response) {
        self.answered = true;
        // Taken out before the answer goes: a client that has it leaves, and that is no news.
        let done = self.client.0.lock().act.take();
        drop(done);
        self.outbox.send(response);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.answered {
            self.outbox.send(Response::Ended);
        }
    }
}

/// Takes log lines for a client, from any thread, without blocking.
#[derive(Clone, Debug)]
pub struct LogLines {
    outbox: mpsc::Sender<Outgoing>,
    unsent: Weak<Unsent>,
    queued: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
}

impl LogLines {
    /// Sends a line, or counts it if the client does not keep up.
    pub fn line(&self, line: String) {
        if self.queued.load(Ordering::Relaxed) >= MOST_LOG_LINES {
            self.lost.fetch_add(1, Ordering::Relaxed);
        } else {
            self.queued.fetch_add(1, Ordering::Relaxed);
            self.send(Response::Log { line });
        }
    }

    fn send(&self, response: Response) {
        let unsent = self.unsent.upgrade();
        // The client may have gone: then nobody wants it.
        let _ = self.outbox.send(Outgoing { response, unsent });
    }
}

/// A response on its way to a client.
#[derive(Debug)]
struct Outgoing {
    response: Response,
    /// Dropped once it has been written, or nobody wants it any more.
    unsent: Option<Arc<Unsent>>,
}

/// Held by the server, and by each response that has not been written yet.
#[derive(Debug)]
struct Unsent;

/// Whether a client is connected, and the callback for its end.
#[derive(Default)]
struct ClientState(Mutex<ClientStateInner>);

#[derive(Default)]
struct ClientStateInner {
    gone: bool,
    act: Option<Box<dyn FnOnce() + Send>>,
}

impl std::fmt::Debug for ClientState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientState")
            .field("gone", &self.0.lock().gone)
            .finish_non_exhaustive()
    }
}

impl ClientState {
    fn leave(&self) {
        let act = {
            let mut inner = self.0.lock();
            inner.gone = true;
            inner.act.take()
        };
        if let Some(act) = act {
            act();
        }
    }
}

/// A running server. Dropping it stops listening, releases the endpoint, and waits a moment until the responses that were given
/// have been written: the process may end right after it. Connected clients stay.
#[derive(Debug)]
pub struct Server {
    endpoint: Endpoint,
    unsent: Arc<Unsent>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        // The thread waits for a client, so be one.
        if self.endpoint.connect(TIMEOUT).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // It can only have panicked, and then it has stopped as well.
            let _ = thread.join();
        }
        let begun = Instant::now();
        while Arc::strong_count(&self.unsent) > 1 && begun.elapsed() < LAST_ANSWERS {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Starts the server on threads of its own.
///
/// # Errors
/// [`IpcError::Io`] if no thread can be started.
pub fn serve(listener: Listener, handler: Arc<dyn Handler>) -> Result<Server, IpcError> {
    let endpoint = listener.endpoint.clone();
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let unsent = Arc::new(Unsent);
    let clients = Clients {
        handler,
        count: Arc::default(),
        unsent: Arc::downgrade(&unsent),
    };
    let thread = Builder::new()
        .name("ipc".into())
        .stack_size(STACK)
        .spawn(move || accept(&listener, &clients, &stop))
        .map_err(IpcError::io("starting the IPC thread"))?;
    Ok(Server {
        endpoint,
        unsent,
        stopping,
        thread: Some(thread),
    })
}

/// Serves clients.
struct Clients {
    handler: Arc<dyn Handler>,
    count: Arc<AtomicUsize>,
    unsent: Weak<Unsent>,
}

fn accept(listener: &Listener, clients: &Clients, stop: &AtomicBool) {
    loop {
        let accepted = listener.socket.accept();
        if stop.load(Ordering::Acquire) {
            return;
        }
        match accepted {
            Ok(stream) => admit(stream, clients),
            Err(error) => {
                // Out of file handles, most likely: not a reason to spin.
                tracing::warn!("a client could not connect: {error}");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// Counts a client while one of its threads runs.
struct ClientSlot(Arc<AtomicUsize>);

impl Drop for ClientSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn admit(stream: Stream, clients: &Clients) {
    if !platform::is_this_user(&stream) {
        tracing::warn!("a process of another user tried to connect");
        return;
    }
    // A pipe may not know time limits: then the number of clients is the only bound.
    let _ = stream.set_send_timeout(Some(TIMEOUT));
    let _ = stream.set_recv_timeout(Some(TIMEOUT));
    let before = clients.count.fetch_add(1, Ordering::AcqRel);
    let slot = Arc::new(ClientSlot(Arc::clone(&clients.count)));
    if before >= MOST_CLIENTS {
        // A new socket's buffer takes this line, so this does not wait.
        let _ = write(&stream, &Response::error("too many clients are connected to the shell"));
        return;
    }
    let stream = Arc::new(stream);
    let state = Arc::new(ClientState::default());
    let (queue, waiting) = mpsc::sync_channel(MOST_WAITING);
    let reader = {
        let (stream, state, slot) = (Arc::clone(&stream), Arc::clone(&state), Arc::clone(&slot));
        move || {
            read(&stream, &queue);
            state.leave();
            drop(slot);
        }
    };
    let worker = {
        let (handler, unsent) = (Arc::clone(&clients.handler), clients.unsent.clone());
        move || {
            answer(&stream, &waiting, &state, &*handler, &unsent);
            platform::hang_up(&stream);
            drop(slot);
        }
    };
    for (name, work) in [
        ("ipc-read", Box::new(reader) as Box<dyn FnOnce() + Send>),
        ("ipc-answer", Box::new(worker)),
    ] {
        if let Err(error) = Builder::new().name(name.into()).stack_size(STACK).spawn(work) {
            // Without its other half the one that runs ends by itself: its queue or its socket is closed.
            tracing::warn!("a client could not be served: {error}");
            return;
        }
    }
}

/// Reads lines until the client goes, or breaks the rules.
fn read(stream: &Stream, queue: &mpsc::SyncSender<Result<Request, String>>) {
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = LONGEST_LINE as u64 + 1;
        match lines.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let request = if line.ends_with(b"\n") {
            match serde_json::from_slice(&line) {
                Ok(request) => match complete(request, &mut lines) {
                    Some(request) => Ok(request),
                    None => {
                        let _ = queue.try_send(Err("the program's bytes have not come, or are too many".to_owned()));
                        return;
                    }
                },
                Err(error) => Err(format!("that is no request: {error}")),
            }
        } else {
            // Too long, or the last words of a client that went in the middle of them.
            let _ = queue.try_send(Err(format!("a request is a line of at most {LONGEST_LINE} bytes")));
            return;
        };
        let _ = stream.set_recv_timeout(None);
        if queue.try_send(request).is_err() {
            return;
        }
    }
}

/// Reads what follows the line of a request, on the client's own thread. `None`: it does not come, or is too much.
fn complete(mut request: Request, from: &mut impl Read) -> Option<Request> {
    if let Request::Run(run) = &mut request
        && let Some(Payload::Announced(size)) = run.payload
    {
        let mut bytes = Vec::new();
        let read = (size <= LARGEST_PAYLOAD).then(|| from.take(size).read_to_end(&mut bytes));
        read?.ok().filter(|read| *read as u64 == size)?;
        run.payload = Some(Payload::Here(bytes.into()));
    }
    Some(request)
}

/// Gives requests to the handler one after the other.
fn answer(
    stream: &Stream,
    waiting: &mpsc::Receiver<Result<Request, String>>,
    state: &Arc<ClientState>,
    handler: &dyn Handler,
    unsent: &Weak<Unsent>,
) {
    while let Ok(request) = waiting.recv() {
        if let Ok(request) = &request {
            let accepted = write(stream, &Response::Accepted);
            // Who has given up while this process was stopped wants nothing any more.
            if accepted.is_err() && !request.is_news() {
                return state.leave();
            }
        }
        let (outbox, answers) = mpsc::channel();
        let lines = LogLines {
            outbox,
            unsent: Weak::clone(unsent),
            queued: Arc::default(),
            lost: Arc::default(),
        };
        let (queued, lost) = (Arc::clone(&lines.queued), Arc::clone(&lines.lost));
        let reply = Reply {
            outbox: lines,
            client: Arc::clone(state),
            answered: false,
        };
        match request {
            Ok(request) => handler.request(request, reply),
            Err(error) => reply.finish(Response::error(error)),
        }
        for Outgoing { response, unsent } in answers {
            if matches!(response, Response::Log { .. }) {
                queued.fetch_sub(1, Ordering::Relaxed);
            }
            let missing = lost.swap(0, Ordering::Relaxed);
            if missing > 0
                && write(
                    stream,
                    &Response::Log {
                        line: format!("… {missing} lines lost"),
                    },
                )
                .is_err()
            {
                return state.leave();
            }
            if write(stream, &response).is_err() {
                return state.leave();
            }
            drop(unsent);
            if !response.more_follows() {
                break;
            }
        }
        state.0.lock().act = None;
    }
}

fn write(mut stream: &Stream, response: &Response) -> io::Result<()> {
    let mut line = serde_json::to_vec(response)?;
    line.push(b'\n');
    stream.write_all(&line)
}
