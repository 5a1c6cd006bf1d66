//! Runs a program on its process's thread, and reports how it failed.

use crate::call::State;
use crate::exit::{Exit, Report};
use crate::kernel::Program;
use crate::stack::{self, DebugLines};
use crate::text::{escape, escape_lines};
use std::any::Any;
use wasmtime::{Engine, InstancePre, Store, UpdateDeadline, WasmBacktrace};

/// Bytes of a program's panic message in the sentence for the user.
const LONGEST_SUMMARY: usize = 200;

/// Runs a program until it ends, on the calling thread.
pub(crate) fn run<H: 'static>(
    engine: &Engine,
    linked: &InstancePre<State<H>>,
    program: &Program,
    state: State<H>,
) -> Exit {
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|cx| {
        Ok(if cx.data().mailbox.ended() {
            UpdateDeadline::Interrupt
        } else {
            UpdateDeadline::Continue(1)
        })
    });
    if store.data().mailbox.ended() {
        return Exit::Ended;
    }
    let result = program.personality().run(linked, &mut store, program.entry());
    let stopped = store.data_mut().exit.take();
    match (result, stopped) {
        (Ok(()), _) => Exit::Code(0),
        (Err(_), Some(exit)) => exit,
        (Err(_), None) if store.data().mailbox.ended() => Exit::Ended,
        (Err(error), None) => {
            let words = store.data().mailbox.panic_message();
            Exit::Trap(Box::new(trapped(&error, words.as_deref(), program.lines())))
        }
    }
}

/// Reports a trap of WebAssembly's own, with the program's panic message if it has left one.
fn trapped(error: &wasmtime::Error, words: Option<&str>, lines: Option<&DebugLines>) -> Report {
    use wasmtime::Trap;
    let summary = match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => "The program ran out of stack.",
        Some(Trap::MemoryOutOfBounds | Trap::HeapMisaligned) => "The program reached outside its memory.",
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            "The program called a function that is not there."
        }
        Some(Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger) => {
            "The program made an impossible calculation."
        }
        Some(Trap::UnreachableCodeReached) => "The program gave up (it reached an `unreachable` instruction).",
        Some(_) | None => "The program can't go on.",
    };
    let (mut summary, mut details) = (summary.to_owned(), String::new());
    let gave_up = matches!(error.downcast_ref::<Trap>(), Some(Trap::UnreachableCodeReached));
    if let Some(words) = words.filter(|_| gave_up) {
        for line in words.trim_end().split('\n') {
            escape(&mut details, line);
            details.push('\n');
        }
        // Rust says the place first, which a user has no use for.
        let mut said = words
            .lines()
            .filter(|line| !line.starts_with("panicked at ") && !line.trim().is_empty());
        if let Some(line) = said.next() {
            summary = "The program gave up: ".to_owned();
            escape(&mut summary, &line[..line.floor_char_boundary(LONGEST_SUMMARY)]);
        }
    }
    details.push_str(&escape_lines(&error.root_cause().to_string()));
    if let Some(trace) = error.downcast_ref::<WasmBacktrace>() {
        stack::write(&mut details, trace.frames(), lines);
    }
    Report { summary, details }
}

/// Reports that a portal has panicked on the process's thread.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Report {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Report {
        summary: "A portal failed while it served the program. That is a fault of the shell.".to_owned(),
        details: format!("panic: {text}"),
    }
}
