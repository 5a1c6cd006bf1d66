//! Random bytes: command 52.

use crate::Host;
use portico_abi::{Code, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};

/// Most bytes at once, so that a program can be ended soon after it has asked.
const MAX_BYTES: usize = 16 << 20;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "random",
    summary: "Draw random numbers",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::RANDOM,
        name: "random",
        single: false,
        open: Some(|| Box::new(Random(Buffer::default()))),
    }],
};

struct Random(Buffer);

impl Channel<Host> for Random {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.0 = cx.memory.buffer::<u8>(at, "bytes")?;
        if self.0.capacity() > MAX_BYTES {
            return Err(Fault::failure(
                Code::Limit,
                format!("at most {MAX_BYTES} random bytes at once"),
            ));
        }
        Ok(())
    }

    fn begin(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        Ok(Sent::Ready)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let mut filled = Ok(());
        cx.memory.fill_whole(self.0, |bytes| filled = getrandom::fill(bytes));
        filled.map_err(|error| Failure::new(Code::Failed, format!("the host has no random bytes: {error}")))?;
        Ok(Received::Delivered)
    }
}
