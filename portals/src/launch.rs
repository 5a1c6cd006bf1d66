//! Starting other programs: command 53.

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Code, Launch as Message, which};
use portico_kernel::{Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};

/// Most bytes of arguments.
const MAX_ARGUMENTS: usize = 64 << 10;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "launch",
    summary: "Start other programs",
    default: Grant::Ask,
    watched: false,
    commands: &[Served { number: which::LAUNCH, name: "launch", single: false, open: Some(open) }],
};

/// Whoever can start a program by its hash: the shell. Called on the program's thread; must not block.
pub trait Launcher: Send + Sync {
    /// Starts the program with this hash and these arguments in a window of its own, and tells `launched` what came of it.
    fn launch(&self, hash: [u8; 32], arguments: Vec<String>, launched: Launched);
}

/// Takes the answer to one launch.
pub type Launched = Reply;

fn open(_cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(Box::new(Launch { wanted: None, answer: Pending::default() }))
}

struct Launch {
    /// What is to be started once the user has said yes.
    wanted: Option<([u8; 32], Vec<String>)>,
    answer: Pending,
}

impl Launch {
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Some((hash, arguments)) = self.wanted.take() else { return Ok(Sent::Waiting) };
        let Some(launcher) = cx.host.launcher.clone() else {
            return Err(Failure::new(Code::Unavailable, "there are no windows here to start it in"));
        };
        launcher.launch(hash, arguments, self.answer.begin(cx.waker()));
        Ok(Sent::Waiting)
    }
}

impl Channel<Host> for Launch {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let message: Message = cx.memory.read(at, "Launch")?;
        if message.arguments.size.get() as usize > MAX_ARGUMENTS {
            return Err(Fault::failure(Code::Limit, format!("at most {MAX_ARGUMENTS} bytes of arguments")));
        }
        let arguments = cx.memory.text(message.arguments, "arguments")?;
        // A line each; no text is no argument rather than an empty one.
        let lines = arguments.split('\n').map(str::to_owned);
        let arguments = if arguments.is_empty() { Vec::new() } else { lines.collect() };
        self.wanted = Some((message.hash, arguments));
        if cx.is_permitted() { Ok(self.begin(cx)?) } else { Ok(Sent::Waiting) }
    }

    fn granted(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.begin(cx)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        self.answer.receive()
    }
}
