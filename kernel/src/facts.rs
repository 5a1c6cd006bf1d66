//! Facts of a module: what inspecting a file collects, and kinds of programs judge it by.

use crate::refusal::Refusal;
use crate::text::escaped;
use wasmparser::{FuncType, MemoryType};

/// Bytes of a name in a sentence.
const LONGEST_NAME: usize = 200;

/// Facts of a module, by which its kind of program accepts or refuses it.
#[derive(Default)]
pub(crate) struct Facts {
    /// Its types; `None` for one that is no function's.
    pub(crate) types: Vec<Option<FuncType>>,
    /// Type index of each function, imported ones first.
    pub(crate) functions: Vec<u32>,
    /// Its memories, imported ones first.
    pub(crate) memories: Vec<MemoryType>,
    /// Its imports, in order.
    pub(crate) imports: Vec<Import>,
    /// Index of the memory that it exports as `memory`.
    pub(crate) memory: Option<u32>,
    /// Indices of the functions that it exports as `run` and `_start`.
    pub(crate) run: Option<u32>,
    pub(crate) start: Option<u32>,
}

impl Facts {
    /// The type of a function.
    pub(crate) fn function(&self, index: u32) -> Option<&FuncType> {
        self.types.get(*self.functions.get(index as usize)? as usize)?.as_ref()
    }
}

/// An import; its names are as they stand in the file.
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) what: Imported,
}

impl Import {
    /// The refusal of a module for this import.
    pub(crate) fn unknown(&self) -> Refusal {
        let name = format!("{}.{}", self.module, self.name);
        Refusal::UnknownImport(escaped(&name[..name.floor_char_boundary(LONGEST_NAME)]))
    }
}

/// Kind of an import.
pub(crate) enum Imported {
    /// A function, by the index of its type.
    Function(u32),
    Other,
}
