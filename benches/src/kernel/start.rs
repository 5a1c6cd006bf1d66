//! A second start of a process, beside wasmtime's own way from a file of compiled code to a running instance.
//!
//! Portico's figure starts with the program's file: reading and hashing it, finding what was compiled of it, a thread, and
//! the first command. In the shell that ran it before, the compiled program is still in memory; a new shell takes it from
//! the cache on disk, and checks every byte of the entry first, which wasmtime by itself does not. An engine has more to do
//! for its first program than for a later one, so a new shell stands beside a new engine.

use super::host::{Host, PATIENCE, Running, kernel};
use super::plain;
use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use portico_kernel::{Kernel, LoadOptions};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use wasmtime::{Caller, Config, Engine, Linker, Module, Store};

/// Functions of the program: compiled, about as much code as a small application.
const FUNCTIONS: u32 = 1_500;
const ROUNDS: usize = 101;
/// Long enough for the thread of the round before to be gone.
const PAUSE: Duration = Duration::from_millis(1);

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir()?;
    let (file, code) = (
        directory.path().join("program.wasm"),
        directory.path().join("program.code"),
    );
    std::fs::write(&file, program(FUNCTIONS)?)?;

    let cache = directory.path().join("cache");
    let shell = kernel(Some(&cache))?;

    let bare = Bare::new()?;
    let module = Module::from_file(&bare.engine, &file).map_err(plain)?;
    std::fs::write(&code, module.serialize().map_err(plain)?)?;
    drop(module);

    let same = interleaved(ROUNDS, || start(&shell, &file), || bare.run(&code))?;
    let new = interleaved(
        ROUNDS,
        || start(&kernel(Some(&cache))?, &file),
        || Bare::new()?.run(&code),
    )?;
    let row = |what: &str, (portico, native): (f64, f64)| Row {
        what: what.to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target: Target {
            ratio: Some(2.0),
            ..Target::default()
        },
    };
    Ok(vec![
        row("second start of a process, same shell", same),
        row("second start of a process, new shell", new),
    ])
}

/// Seconds from a program's file to its first command.
fn start(kernel: &Kernel<Host>, file: &Path) -> Result<f64> {
    std::thread::sleep(PAUSE);
    let began = Instant::now();
    let program = kernel.load(&std::fs::read(file)?, &LoadOptions::default())?;
    let running = Running::start(kernel, &program)?;
    let lap = running
        .laps
        .recv_timeout(PATIENCE)
        .context("the program does not start")?;
    running.stop()?;
    Ok(lap.duration_since(began).as_secs_f64())
}

/// wasmtime by itself.
struct Bare {
    engine: Engine,
    linker: Linker<Option<Instant>>,
}

impl Bare {
    fn new() -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).map_err(plain)?;
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap(
                "daku",
                "ar",
                |mut caller: Caller<'_, Option<Instant>>, _: u32, _: u32, _: u32| -> u32 {
                    *caller.data_mut() = Some(Instant::now());
                    0
                },
            )
            .map_err(plain)?;
        Ok(Self { engine, linker })
    }

    /// Seconds from a file of compiled code to the program's first command.
    #[allow(unsafe_code, reason = "wasmtime takes compiled code on trust")]
    fn run(&self, code: &Path) -> Result<f64> {
        std::thread::sleep(PAUSE);
        let began = Instant::now();
        // SAFETY: the file was written by such an engine, into a directory of this user alone.
        let module = unsafe { Module::deserialize_file(&self.engine, code) }.map_err(plain)?;
        let mut store = Store::new(&self.engine, None);
        store.set_epoch_deadline(1);
        let instance = self.linker.instantiate(&mut store, &module).map_err(plain)?;
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").map_err(plain)?;
        run.call(&mut store, ()).map_err(plain)?;
        Ok(store
            .data()
            .context("it did not run")?
            .duration_since(began)
            .as_secs_f64())
    }
}

/// A program of so many functions, of which it runs one: command 19, then sleep for good.
pub(super) fn program(number: u32) -> Result<Vec<u8>> {
    let mut functions = String::new();
    for index in 0..number {
        writeln!(
            functions,
            "(func (param $a i32) (param $b i32) (result i32) (local $c i32)
               (loop $l
                 (local.set $c (i32.add (i32.mul (local.get $a) (i32.const {index})) (i32.load (local.get $b))))
                 (i32.store offset=8 (local.get $b) (i32.xor (local.get $c) (i32.const {})))
                 (br_if $l (i32.lt_u (local.get $c) (local.get $a))))
               (i32.rotl (local.get $c) (i32.const {})))",
            index * 77,
            index % 32
        )?;
    }
    Ok(wat::parse_str(format!(
        r#"(module
          (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
          (memory (export "memory") 4)
          (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\13\00\00\00\10\00\00\00")
          (func (export "run") (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x200)))
            (drop (call $ar (i32.const 0) (i32.const 0) (i32.const 0x200))))
          {functions})"#
    ))?)
}
