//! A named pipe for those who wait for many things at once: what the system tells of it a thread of its own hears.

use super::Address;
use crate::socket::Socket;
use mio::{Events, Interest, Poll, Token, Waker};
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll as Ready, Waker as Task};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Bytes that are kept in each direction.
const ROOM: usize = 64 * 1024;
const PIPE: Token = Token(0);
const WAKE: Token = Token(1);

/// A pipe, as a socket is used. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Piped {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct State {
    connected: bool,
    /// Its user has dropped it.
    left: bool,
    /// Why nothing comes any more; nothing once that was said, or where the other side has closed it.
    ended: Option<Option<io::Error>>,
    came: Vec<u8>,
    reader: Option<Task>,
    /// What is to be written.
    out: Vec<u8>,
    /// Bytes at its beginning that the pipe has under way.
    under_way: usize,
    /// Why nothing can be written any more, until that was said.
    failed: Option<io::Error>,
    writer: Option<Task>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // What is in it is whole between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) -> io::Result<()> {
        self.waker.wake()
    }
}

impl State {
    fn end(&mut self, why: Option<io::Error>) {
        self.ended = Some(why);
        wake(&mut self.reader);
        wake(&mut self.writer);
    }

    /// How it has ended, if it has.
    fn how_ended(&mut self) -> Option<io::Result<usize>> {
        self.ended.as_mut().map(|why| why.take().map_or(Ok(0), Err))
    }

    fn cannot_write(&mut self) -> Option<io::Result<usize>> {
        self.failed.take().map(Err).or_else(|| self.how_ended())
    }

    fn wait(task: &mut Option<Task>, cx: &Context<'_>) {
        if !task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            *task = Some(cx.waker().clone());
        }
    }
}

impl Piped {
    pub(super) async fn connect(path: &Path) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKE)?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            waker,
        });
        let (own, address) = (Arc::clone(&shared), Address::Socket(path.to_owned()));
        let run = move || {
            let ended = own.run(poll, &address);
            own.state().end(ended.err());
        };
        let thread = Some(thread::Builder::new().name("broker-pipe".into()).spawn(run)?);
        let piped = Self { shared, thread };
        poll_fn(|cx| {
            let mut state = piped.shared.state();
            match state.how_ended() {
                _ if state.connected => Ready::Ready(Ok(())),
                Some(ended) => Ready::Ready(ended.and(Err(ErrorKind::NotConnected.into()))),
                None => {
                    State::wait(&mut state.reader, cx);
                    Ready::Pending
                }
            }
        })
        .await?;
        Ok(piped)
    }

    pub(super) fn poll_read(&mut self, cx: &Context<'_>, buffer: &mut [u8]) -> Ready<io::Result<usize>> {
        let mut state = self.shared.state();
        if state.came.is_empty() {
            return match state.how_ended() {
                Some(ended) => Ready::Ready(ended),
                None => {
                    State::wait(&mut state.reader, cx);
                    Ready::Pending
                }
            };
        }
        let count = state.came.len().min(buffer.len());
        buffer[..count].copy_from_slice(&state.came[..count]);
        let was_full = state.came.len() >= ROOM;
        state.came.drain(..count);
        if was_full {
            Ready::Ready(self.shared.wake().map(|()| count))
        } else {
            Ready::Ready(Ok(count))
        }
    }

    /// What it takes goes whether it is flushed or not.
    pub(super) fn poll_write(&mut self, cx: &Context<'_>, data: &[u8]) -> Ready<io::Result<usize>> {
        let mut state = self.shared.state();
        if let Some(ended) = state.cannot_write() {
            return Ready::Ready(ended);
        }
        let count = data.len().min(ROOM - state.out.len());
        if count == 0 {
            State::wait(&mut state.writer, cx);
            return Ready::Pending;
        }
        state.out.extend_from_slice(&data[..count]);
        if state.under_way == 0 {
            self.shared.wake()?;
        }
        Ready::Ready(Ok(count))
    }

    /// Waits until all has gone.
    pub(super) fn poll_flush(&mut self, cx: &Context<'_>) -> Ready<io::Result<()>> {
        let mut state = self.shared.state();
        if state.out.is_empty() && state.failed.is_none() {
            return Ready::Ready(Ok(()));
        }
        if let Some(ended) = state.cannot_write() {
            return Ready::Ready(ended.and(Err(ErrorKind::BrokenPipe.into())));
        }
        State::wait(&mut state.writer, cx);
        Ready::Pending
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.left = true;
        let connected = state.connected;
        drop(state);
        // It is closed before anything else happens, as a socket is, unless the thread still waits for the broker.
        let woken = self.shared.wake().is_ok();
        if let Some(thread) = self.thread.take_if(|_| connected && woken)
            && thread.join().is_err()
        {
            tracing::error!("the thread of a connection to the broker has panicked");
        }
    }
}

impl Shared {
    /// The thread's work: moves bytes until either side has left.
    fn run(&self, mut poll: Poll, address: &Address) -> io::Result<()> {
        let mut socket = Socket::connect(address)?;
        let ended = self.serve(&mut poll, &mut socket);
        // What is on its way has not been said to have gone.
        socket.abandon();
        // The pipe before what gives back what the system has lent to it.
        drop(socket);
        drop(poll);
        ended
    }

    fn serve(&self, poll: &mut Poll, socket: &mut Socket) -> io::Result<()> {
        let mut events = Events::with_capacity(4);
        poll.registry().register(socket.source(), PIPE, Interest::READABLE)?;
        // That there is room at first is no news.
        poll.poll(&mut events, Some(Duration::ZERO))?;
        let mut buffer = vec![0; ROOM];
        let mut state = self.state();
        state.connected = true;
        wake(&mut state.reader);
        while !state.left {
            state.write(socket);
            if !state.read(socket, &mut buffer)? {
                break;
            }
            drop(state);
            match poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => events.clear(),
                other => other?,
            }
            state = self.state();
            if events.iter().any(|event| event.token() == PIPE && event.is_writable()) {
                state.written();
            }
        }
        Ok(())
    }
}

impl State {
    fn write(&mut self, socket: &mut Socket) {
        if self.under_way > 0 || self.out.is_empty() {
            return;
        }
        match socket.write(&[IoSlice::new(&self.out)]) {
            Ok(count) => self.under_way = count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => {
                // What has come before it is read all the same.
                self.failed = Some(error);
                wake(&mut self.writer);
            }
        }
    }

    fn written(&mut self) {
        self.out.drain(..self.under_way);
        self.under_way = 0;
        wake(&mut self.writer);
    }

    /// Reads what there is room for; false if nothing more will come.
    fn read(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> io::Result<bool> {
        while self.came.len() < ROOM {
            match socket.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.came.extend_from_slice(&buffer[..count]);
                    wake(&mut self.reader);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn wake(task: &mut Option<Task>) {
    if let Some(task) = task.take() {
        task.wake();
    }
}
