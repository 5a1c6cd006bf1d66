//! What a call of `ar()` costs, beside a bare wasmtime host call that copies the same bytes.
//!
//! One question and its answer, on both sides: a command of 16 bytes and its question of 4 are read, an answer of 4 bytes
//! and an entry of 4 in the list of those that are ready are written. The bare call knows no channels, grants or readiness.
//! A call with one command stands beside one bare call; a command in a batch of 1,000 stands beside one bare call too, which
//! is what it would cost without batches: its figure is a thousandth of the call.

use super::host::{Host, Running, kernel};
use super::plain;
use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use portico_kernel::{Kernel, LoadOptions, Program};
use std::time::Instant;
use wasmtime::{Caller, Config, Engine, Extern, Linker, Memory, Module, Store};

/// Few enough that most rounds are over before the scheduler has another thread run.
const CALLS: u32 = 20_000;
const BATCH: u32 = 1_000;
const ROUNDS: usize = 101;

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let (one, many) = (program(1, CALLS)?, program(BATCH, CALLS / BATCH)?);
    let kernel = kernel(None)?;
    let (one_loaded, many_loaded) = (
        kernel.load(&one, &LoadOptions::default())?,
        kernel.load(&many, &LoadOptions::default())?,
    );
    let bare = Bare::new(&one)?;
    let single = interleaved(ROUNDS, || portico(&kernel, &one_loaded), || bare.run())?;
    let batch = interleaved(ROUNDS, || portico(&kernel, &many_loaded), || bare.run())?;
    let target = Target {
        ratio: Some(3.0),
        most: Some(60e-9),
        ..Target::default()
    };
    let row = |what: &str, (portico, native): (f64, f64)| Row {
        what: what.to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target,
    };
    Ok(vec![
        row("ar() with one ready answer", single),
        row("a command in a batch of 1,000", batch),
    ])
}

fn program(batch: u32, calls: u32) -> Result<Vec<u8>> {
    let text = include_str!("../programs/calls.wat");
    let text = text
        .replace("{{BATCH}}", &batch.to_string())
        .replace("{{CALLS}}", &calls.to_string());
    Ok(wat::parse_str(text)?)
}

/// Seconds a question.
fn portico(kernel: &Kernel<Host>, program: &Program) -> Result<f64> {
    per_question(&Running::start(kernel, program)?.finish()?)
}

fn per_question(laps: &[Instant]) -> Result<f64> {
    let (first, last) = laps.first().zip(laps.last()).context("the program has said nothing")?;
    Ok(last.duration_since(*first).as_secs_f64() / f64::from(CALLS))
}

#[derive(Default)]
struct State {
    memory: Option<Memory>,
    laps: Vec<Instant>,
}

/// wasmtime with a host function that reads the same command and question, and writes the same answer and ready list.
struct Bare {
    engine: Engine,
    module: Module,
    linker: Linker<State>,
}

impl Bare {
    fn new(program: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        // As Portico needs it to end any program.
        config.epoch_interruption(true);
        let engine = Engine::new(&config).map_err(plain)?;
        let module = Module::from_binary(&engine, program).map_err(plain)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("daku", "ar", bare_ar).map_err(plain)?;
        Ok(Self { engine, module, linker })
    }

    fn run(&self) -> Result<f64> {
        let mut store = Store::new(&self.engine, State::default());
        store.set_epoch_deadline(1);
        let instance = self.linker.instantiate(&mut store, &self.module).map_err(plain)?;
        store.data_mut().memory = instance.get_memory(&mut store, "memory");
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").map_err(plain)?;
        run.call(&mut store, ()).map_err(plain)?;
        per_question(&store.data().laps)
    }
}

fn bare_ar(mut caller: Caller<'_, State>, size: u32, data: u32, done: u32) -> wasmtime::Result<u32> {
    let memory = match caller.data().memory {
        Some(memory) => memory,
        None => caller
            .get_export("memory")
            .and_then(Extern::into_memory)
            .ok_or_else(|| wasmtime::Error::msg("it has no memory"))?,
    };
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    copy(bytes, state, size, data, done).ok_or_else(|| wasmtime::Error::msg("outside memory"))
}

fn copy(bytes: &mut [u8], state: &mut State, size: u32, data: u32, done: u32) -> Option<u32> {
    let (mut at, mut to) = (data as usize, done as usize);
    for _ in 0..size {
        let command: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
        let [a, b, c, d] = [0, 4, 8, 12].map(|field| [0, 1, 2, 3].map(|byte| command[field + byte]));
        let (_channel, new, which, message) = (
            u32::from_le_bytes(a),
            u32::from_le_bytes(b),
            u32::from_le_bytes(c),
            u32::from_le_bytes(d) as usize,
        );
        if which == 19 {
            state.laps.push(Instant::now());
        } else {
            let number: [u8; 4] = bytes.get(message..message + 4)?.try_into().ok()?;
            let answer = u32::from_le_bytes(number).wrapping_add(1);
            bytes
                .get_mut(message..message + 4)?
                .copy_from_slice(&answer.to_le_bytes());
        }
        bytes.get_mut(to..to + 4)?.copy_from_slice(&new.to_le_bytes());
        (at, to) = (at + 16, to + 4);
    }
    Some(size)
}
