//! Requests to run a program, resolved: its bytes, its name, its budget.

use crate::library::Library;
use crate::report;
use crate::source::{self, ReadError};
use portico_ipc::{Payload, Run};
use portico_kernel::{Budget, Hash, Program, ProgramText};
use portico_model::ProgramRef;
use std::borrow::Cow;
use std::path::PathBuf;

/// Why there is no program to run.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The file can't be read.
    #[error(transparent)]
    Failed(#[from] ReadError),
    /// It holds other bytes than those that were installed.
    #[error("{}: it is damaged; remove the program and install it again", .0.display())]
    Damaged(PathBuf),
}

/// A request to run a program, as the shell sees it.
pub trait RunExt: Sized {
    /// Opens a program, as it is by default; `None` where this system has no place for installed ones.
    fn of(program: &ProgramRef, library: &Library) -> Option<Self>;

    /// The budget for compiling it.
    fn budget(&self) -> Budget;

    /// Its name, as far as known before it was loaded.
    fn called(&self, program: Option<&Program>) -> ProgramText;

    /// The bytes of its file, which are those of its hash where it has one.
    ///
    /// # Errors
    /// When it can't be read, or was changed.
    fn read(&self) -> Result<Cow<'_, [u8]>, NotRead>;
}

impl RunExt for Run {
    fn of(program: &ProgramRef, library: &Library) -> Option<Self> {
        Some(match program {
            ProgramRef::File(file) => Self {
                file: file.clone(),
                ..Self::default()
            },
            ProgramRef::Installed { hash, name } => Self {
                file: library.path(hash)?,
                hash: Some(hash.to_string()),
                name: Some(name.to_string()),
                ..Self::default()
            },
        })
    }

    fn budget(&self) -> Budget {
        self.compile_budget.map(Budget).unwrap_or_default()
    }

    fn called(&self, program: Option<&Program>) -> ProgramText {
        let own = program.and_then(|program| program.manifest().name.as_ref());
        let told = self
            .name
            .as_deref()
            .map(ProgramText::name)
            .filter(|name| !name.is_empty());
        // What it was called when it was installed counts where its own name can't be seen.
        let name = own.filter(|name| !name.is_empty()).or(told.as_ref()).or(own);
        report::name(name, &self.file, program.map(Program::hash))
    }

    fn read(&self) -> Result<Cow<'_, [u8]>, NotRead> {
        let bytes = match &self.payload {
            Some(Payload::Here(bytes)) => Cow::Borrowed(&**bytes),
            Some(Payload::Announced(_)) => return Err(NotRead::Damaged(self.file.clone())),
            None => source::read(&self.file, source::LARGEST)?.into(),
        };
        match &self.hash {
            Some(hash) if Hash::of(&bytes).to_string() != *hash => Err(NotRead::Damaged(self.file.clone())),
            _ => Ok(bytes),
        }
    }
}
