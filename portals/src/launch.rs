//! Starting other programs: command 53.

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Code, Launch as Message, which};
use portico_kernel::{Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent};

/// Most bytes of arguments.
const MAX_ARGUMENTS: usize = 64 << 10;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "launch",
    summary: "Start other programs",
    default: DefaultAccess::Ask,
    watched: false,
    commands: &[CommandEntry {
        number: which::LAUNCH,
        name: "launch",
        single: false,
        open: Some(|| Box::<Launch>::default()),
    }],
};

/// Starts programs by hash; implemented by the shell. Called on the program's thread; must not block.
pub trait Launcher: Send + Sync {
    /// Starts the program with this hash and these arguments in a window of its own, and tells `launched` what came of it.
    fn launch(&self, hash: [u8; 32], arguments: Vec<String>, launched: Launched);
}

/// Takes the answer to one launch.
pub type Launched = Reply;

#[derive(Default)]
struct Launch {
    /// The program that the last message asks for, and its arguments.
    posted: Option<([u8; 32], Vec<String>)>,
    answer: Pending,
}

impl Channel<Host> for Launch {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Launch")?;
        if message.arguments.size.get() as usize > MAX_ARGUMENTS {
            return Err(Fault::failure(
                Code::Limit,
                format!("at most {MAX_ARGUMENTS} bytes of arguments"),
            ));
        }
        let arguments = cx.memory.text(message.arguments, "arguments")?;
        // A line each; no text is no argument rather than an empty one.
        let lines = arguments.split('\n').map(str::to_owned);
        let arguments = if arguments.is_empty() {
            Vec::new()
        } else {
            lines.collect()
        };
        self.posted = Some((message.hash, arguments));
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if let Some((hash, arguments)) = self.posted.take() {
            let launched = self.answer.begin(cx.waker());
            cx.host.services.launcher.launch(hash, arguments, launched);
        }
        Ok(self.answer.sent())
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        self.answer.receive()
    }
}
