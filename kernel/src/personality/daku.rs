//! Programs of the Daku ABI: they import `daku.ar` and nothing else, export their memory, and begin with `run` or `_start`.

use crate::call::{State, ar};
use crate::facts::{Facts, Imported};
use crate::refusal::Refusal;
use wasmparser::{FuncType, ValType};
use wasmtime::{Instance, InstancePre, Linker, Store};

pub(super) const MODULES: &[&str] = &["daku"];

pub(super) fn validate(facts: &Facts) -> Result<&'static str, Vec<Refusal>> {
    let mut refusals = Vec::new();
    for import in &facts.imports {
        match import.what {
            Imported::Function(of) if (&*import.module, &*import.name) == ("daku", "ar") => {
                if !facts
                    .types
                    .get(of as usize)
                    .is_some_and(|of| of.as_ref().is_some_and(is_ar))
                {
                    refusals.push(Refusal::WrongImport);
                }
            }
            _ => refusals.push(import.unknown()),
        }
    }
    match facts.memory.and_then(|index| facts.memories.get(index as usize)) {
        None => refusals.push(Refusal::NoMemory),
        Some(memory) if memory.memory64 => refusals.push(Refusal::WrongMemory("64-bit")),
        Some(memory) if memory.shared => refusals.push(Refusal::WrongMemory("shared")),
        Some(_) => {}
    }
    let entry = [("run", facts.run), ("_start", facts.start)];
    let entry = entry.into_iter().find_map(|(name, index)| Some((name, index?)));
    match entry {
        None => refusals.push(Refusal::NoEntry),
        Some((name, index)) => {
            let takes_nothing = |of: &FuncType| of.params().is_empty() && of.results().is_empty();
            if !facts.function(index).is_some_and(takes_nothing) {
                refusals.push(Refusal::WrongEntry(name));
            }
        }
    }
    match entry {
        Some((name, _)) if refusals.is_empty() => Ok(name),
        _ => Err(refusals),
    }
}

fn is_ar(of: &FuncType) -> bool {
    of.params() == [ValType::I32; 3] && of.results() == [ValType::I32]
}

pub(super) fn link<H: Send + 'static>(linker: &mut Linker<State<H>>) -> wasmtime::Result<()> {
    linker.func_wrap("daku", "ar", ar::<H>).map(drop)
}

pub(super) fn run<H: 'static>(
    linked: &InstancePre<State<H>>,
    store: &mut Store<State<H>>,
    entry: &str,
) -> wasmtime::Result<()> {
    let instance: Instance = linked.instantiate(&mut *store)?;
    store.data_mut().memory = instance.get_memory(&mut *store, "memory");
    instance.get_typed_func::<(), ()>(&mut *store, entry)?.call(store, ())
}
