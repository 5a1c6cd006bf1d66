//! `ar()`: one call from its list of commands to its list of ready channels.

use crate::channels::{Channels, CommandTrap, Commands, Flow, ProcessCx};
use crate::exit::{Exit, Report};
use crate::grants::Grants;
use crate::mailbox::Mailbox;
use crate::memory::Memory;
use crate::process_group::{ChildSpawner, GroupLimiter};
use portico_abi::Command;
use std::sync::Arc;
use wasmtime::{Caller, Extern};
use zerocopy::little_endian::U32;

/// Commands of one list between two checks for a request to end.
const INTERRUPT_CHECK_EVERY: u32 = 1024;

/// Data of a process's wasmtime store.
pub(crate) struct State<H: 'static> {
    pub(crate) host: H,
    pub(crate) channels: Channels<H>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) grants: Arc<dyn Grants>,
    pub(crate) commands: Arc<Commands<H>>,
    pub(crate) memory: Option<wasmtime::Memory>,
    pub(crate) limits: GroupLimiter,
    /// Kept for its storage.
    pub(crate) list: Vec<U32>,
    /// Why the program was stopped inside `ar()`.
    pub(crate) exit: Option<Exit>,
    /// Last, because it tells when all of this is gone.
    pub(crate) spawner: Box<dyn ChildSpawner<H>>,
}

/// Unwinds the program's stack; the reason is in [`State::exit`].
#[derive(Debug, thiserror::Error)]
#[error("the program was stopped")]
struct Stopped;

fn stop<H>(state: &mut State<H>, exit: Exit) -> wasmtime::Error {
    state.exit = Some(exit);
    wasmtime::Error::new(Stopped)
}

pub(crate) fn ar<H: 'static>(
    mut caller: Caller<'_, State<H>>,
    size: u32,
    data: u32,
    done: u32,
) -> wasmtime::Result<u32> {
    let memory = match caller.data().memory {
        Some(memory) => memory,
        None => {
            // A wasm start function runs before the process has its instance.
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return Err(wasmtime::Error::msg("`memory` is no memory"));
            };
            caller.data_mut().memory = Some(memory);
            memory
        }
    };
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    state.mailbox.count_call();
    match call(bytes, state, size, data, done) {
        Ok(length) => Ok(length),
        Err(exit) => Err(stop(state, exit)),
    }
}

fn call<H: 'static>(bytes: &mut [u8], state: &mut State<H>, size: u32, data: u32, done: u32) -> Result<u32, Exit> {
    let State {
        host,
        channels,
        mailbox,
        grants,
        commands,
        list,
        spawner,
        ..
    } = state;
    let mut process = ProcessCx {
        host,
        mailbox: &*mailbox,
        grants: &**grants,
        commands,
        spawner: &**spawner,
    };

    let length = u64::from(size) * size_of::<Command>() as u64;
    Memory::new(bytes)
        .range(data, length, "data")
        .map_err(|_| outside("data", data, size))?;
    // What was ready before this call's commands stands before what they make ready.
    channels.hear(mailbox);
    let mut at = data;
    for index in 0..size {
        if index % INTERRUPT_CHECK_EVERY == 0 && mailbox.ended() {
            return Err(Exit::Ended);
        }
        let Ok(command) = Memory::new(bytes).read(at, "data") else {
            break;
        };
        at = at.wrapping_add(size_of::<Command>() as u32);
        match channels.carry_out(command, bytes, &mut process) {
            Ok(Flow::On) => {}
            Ok(Flow::Exit(code)) => return Err(Exit::Code(code)),
            Err(broken) => return Err(Exit::Trap(Box::new(report(&broken)))),
        }
    }
    mailbox.meter.count(size as usize);
    let open = channels.count();
    Memory::new(bytes)
        .range(done, u64::from(open) * 4, "done")
        .map_err(|_| outside("done", done, open))?;

    list.clear();
    if open == 0 {
        channels.settle(&process);
        return Ok(0);
    }
    loop {
        channels.deliver(bytes, &mut process, list);
        channels.settle(&process);
        if !list.is_empty() {
            break;
        }
        if mailbox.ended() {
            return Err(Exit::Ended);
        }
        let until = channels.next_deadline();
        mailbox.wait(until);
        channels.hear(mailbox);
    }
    mailbox.meter.count(list.len());
    Memory::new(bytes).deliver(done, list.as_slice());
    Ok(u32::try_from(list.len()).unwrap_or(u32::MAX))
}

fn outside(field: &str, at: u32, elements: u32) -> Exit {
    let summary = format!("The program called ar() with `{field}` outside its memory.");
    let details = format!("ar(): `{field}` at {at:#x} leaves memory ({elements} elements)");
    Exit::Trap(Box::new(Report { summary, details }))
}

fn report(broken: &CommandTrap) -> Report {
    let CommandTrap { trap, channel, command } = broken;
    match command {
        Some(command) => Report {
            summary: format!("The program sent a broken message to `{command}`."),
            details: format!("command `{command}`, channel {channel}: {trap}"),
        },
        None => Report {
            summary: "The program used a channel wrongly.".to_owned(),
            details: format!("channel {channel}: `{}` {}", trap.field, trap.what),
        },
    }
}
