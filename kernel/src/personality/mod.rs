//! Kinds of programs: what each imports, what it demands of a module, and how it is run. A kind is a file here and a line in
//! the list below; whatever it is, its imports reach the host through the same channels and grants.

mod daku;

use crate::call::State;
use crate::facts::Facts;
use crate::refusal::Refusal;
use wasmtime::{InstancePre, Linker, Store};

macro_rules! personalities {
    ($($kind:ident => $file:ident),* $(,)?) => {
        /// A kind of program.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Personality {
            $(#[doc = concat!("See `", stringify!($file), ".rs`.")] $kind),*
        }

        impl Personality {
            const ALL: &[Self] = &[$(Self::$kind),*];

            /// Import modules that it serves.
            fn modules(self) -> &'static [&'static str] {
                match self { $(Self::$kind => $file::MODULES),* }
            }

            /// Judges a module: the function that it begins with, or why it is refused.
            ///
            /// # Errors
            /// All the reasons, in the order in which they stand in the file.
            pub(crate) fn validate(self, facts: &Facts) -> Result<&'static str, Vec<Refusal>> {
                match self { $(Self::$kind => $file::validate(facts)),* }
            }

            fn link<H: Send + 'static>(self, linker: &mut Linker<State<H>>) -> wasmtime::Result<()> {
                match self { $(Self::$kind => $file::link(linker)),* }
            }

            /// Makes an instance and runs it until it returns.
            ///
            /// # Errors
            /// When it trapped, or was stopped.
            pub(crate) fn run<H: 'static>(
                self,
                linked: &InstancePre<State<H>>,
                store: &mut Store<State<H>>,
                entry: &str,
            ) -> wasmtime::Result<()> {
                match self { $(Self::$kind => $file::run(linked, store, entry)),* }
            }
        }
    };
}

personalities! {
    Daku => daku,
}

impl Personality {
    /// The kind of a module that imports from these: the first that serves one of them, and Daku's where none does.
    pub(crate) fn of<'a>(mut modules: impl Iterator<Item = &'a str>) -> Self {
        let serves = |module: &str| Self::ALL.iter().copied().find(|kind| kind.modules().contains(&module));
        modules.find_map(serves).unwrap_or(Self::Daku)
    }
}

/// Links what all kinds import.
///
/// # Errors
/// When two kinds serve the same import.
pub(crate) fn link<H: Send + 'static>(linker: &mut Linker<State<H>>) -> wasmtime::Result<()> {
    Personality::ALL.iter().try_for_each(|kind| kind.link(linker))
}
