//! The first start of a program, which has to be compiled: by the shell's worker, a process of its own that is shut in, beside
//! the same compiler in the process that wants the code.

use super::start::program;
use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::{Result, anyhow};
use portico::worker::{MEMORY, WorkerCompiler, Workers};
use portico_kernel::{CompileError, Compiler, InProcess, LoadOptions};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 31;
/// Functions of the two programs: next to nothing, and about as much code as a small application.
const SIZES: [(&str, u32); 2] = [("tiny", 1), ("small", 1_500)];
/// What the worker may cost, in seconds.
const MOST: f64 = 0.010;

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let workers = WorkerCompiler(Workers::of(&bench.portico, MEMORY));
    let mut rows = Vec::new();
    for (size, functions) in SIZES {
        let module = program(functions)?;
        let (worker, here) = interleaved(ROUNDS, || seconds(&workers, &module), || seconds(&InProcess, &module))?;
        rows.push(Row {
            what: format!("compiling a {size} program"),
            unit: Unit::Seconds,
            portico: worker,
            native: Some(here),
            target: Target {
                most: Some(here + MOST),
                ..Target::default()
            },
        });
    }
    Ok(rows)
}

fn seconds(compiler: &dyn Compiler, module: &[u8]) -> Result<f64> {
    let began = Instant::now();
    let code = compiler.compile(module, &LoadOptions::default());
    black_box(code.map_err(|error: CompileError| anyhow!("{error}"))?);
    Ok(began.elapsed().as_secs_f64())
}
