//! Tasks of a program's own, each a module that runs beside it, on a thread of its own: commands 17 and 18.
//!
//! A program and its child share memory by turns. The child sends it and waits; the program looks at it and changes it; what
//! stands in it when the program waits next (for anything) goes back to the child as its answer. A child has its log and its
//! parent, and no other portal.
//!
//! The parent:
//!
//! ```
//! # async fn program(module: Vec<u8>) -> Result<(), portico_sdk::Error> {
//! use portico_sdk::child::Child;
//!
//! // The child finds this number in the memory as it connects.
//! let mut child = Child::start(module, 20_u32.to_le_bytes().to_vec());
//! child.next().await?;
//! let answer = child.memory(|memory| u32::from_le_bytes([memory[0], memory[1], memory[2], memory[3]]));
//! portico_sdk::info!("20 doubled is {answer}");
//! # Ok(())
//! # }
//! ```
//!
//! The child:
//!
//! ```
//! # async fn program() -> Result<(), portico_sdk::Error> {
//! use portico_sdk::child::Parent;
//!
//! let mut parent = Parent::connect(4).await?;
//! parent.memory(|memory| {
//!     let number = u32::from_le_bytes([memory[0], memory[1], memory[2], memory[3]]);
//!     memory.copy_from_slice(&(2 * number).to_le_bytes());
//! });
//! parent.send().await?;
//! # Ok(())
//! # }
//! ```

use crate::channel::Channel;
use crate::error::Error;
use crate::host;
use crate::runtime::{self, Message};
use portico_abi::{List, Task, which};
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// A task of this program. Dropping it ends the task, and those of its own.
pub struct Child {
    channel: Channel<Spawned>,
}

struct Spawned {
    message: Task,
    module: Vec<u8>,
    memory: Vec<u8>,
}

fn list(bytes: &[u8]) -> List {
    List {
        size: (bytes.len() as u32).into(),
        data: host::address(bytes.as_ptr()).into(),
    }
}

impl Message for Spawned {
    fn prepare(&mut self) -> u32 {
        self.message = Task {
            spawn_wasm: list(&self.module),
            shared_memory: shared(&mut self.memory),
        };
        host::address(&raw const self.message)
    }
}

/// As the host reads and writes it.
fn shared(memory: &mut [u8]) -> List {
    List {
        size: (memory.len() as u32).into(),
        data: host::address(memory.as_mut_ptr()).into(),
    }
}

impl Child {
    /// Starts a task: its module, a WebAssembly file, and the memory that is shared with it.
    pub fn start(module: Vec<u8>, memory: Vec<u8>) -> Self {
        let message = Spawned {
            message: Task::default(),
            module,
            memory,
        };
        Self {
            channel: Channel::open(which::SPAWN, message),
        }
    }

    /// Stops the task and starts another in its place.
    pub fn replace(&mut self, module: Vec<u8>, memory: Vec<u8>) {
        self.channel.with(|message| {
            // The host may not have read them yet.
            runtime::keep(std::mem::replace(&mut message.module, module));
            runtime::keep(std::mem::replace(&mut message.memory, memory));
        });
        self.channel.send_or_open(which::SPAWN);
    }

    /// Waits until the task has sent the memory: how many of its bytes it had room for.
    ///
    /// # Errors
    /// `Invalid` when the module can't be loaded; `Disconnected` when the task has ended: the text says its exit code.
    pub async fn next(&mut self) -> Result<usize, Error> {
        poll_fn(|context| self.poll(context)).await
    }

    /// The same, if it has sent the memory already; never waits.
    pub fn take(&mut self) -> Option<Result<usize, Error>> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(sent) => Some(sent),
            Poll::Pending => None,
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<usize, Error>> {
        let size = || {
            self.channel
                .with(|message| message.message.shared_memory.size.get() as usize)
        };
        self.channel.poll(context).map_ok(|()| size())
    }

    /// Looks at the memory, or changes it.
    pub fn memory<R>(&mut self, look: impl FnOnce(&mut [u8]) -> R) -> R {
        self.channel.with(|message| look(&mut message.memory))
    }
}

/// The program whose task this is.
pub struct Parent {
    channel: Channel<Connected>,
}

struct Connected {
    message: portico_abi::Message,
    memory: Vec<u8>,
}

impl Message for Connected {
    fn prepare(&mut self) -> u32 {
        self.message.shared_memory = shared(&mut self.memory);
        host::address(&raw const self.message)
    }
}

impl Parent {
    /// Connects, with room for so many bytes of the memory that is shared: they are what the parent has put there.
    ///
    /// # Errors
    /// `Unavailable` in a program that is nobody's task.
    pub async fn connect(room: usize) -> Result<Self, Error> {
        let message = Connected {
            message: portico_abi::Message::default(),
            memory: vec![0; room],
        };
        let channel = Channel::open(which::PARENT, message);
        channel.ready().await?;
        Ok(Self { channel })
    }

    /// Sends the memory and waits for the answer, which is in it then.
    ///
    /// # Errors
    /// Why the host closed the channel.
    pub async fn send(&mut self) -> Result<(), Error> {
        self.channel.send();
        self.channel.ready().await
    }

    /// Looks at the memory, or changes it.
    pub fn memory<R>(&mut self, look: impl FnOnce(&mut [u8]) -> R) -> R {
        self.channel.with(|message| look(&mut message.memory))
    }
}
