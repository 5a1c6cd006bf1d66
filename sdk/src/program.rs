//! The entry of a program, and its last words.

use crate::task::{self, Outcome};
use std::future::Future;

/// Makes a future the program: it exports `run`, which runs it to its end.
///
/// The future's output is an exit code (`()` for 0, a `u8`), or a `Result` of one: then an error is logged and the program
/// ends with 1. A panic is logged too, before it ends the program with a trap.
///
/// ```
/// portico_sdk::program!(async {
///     let name = portico_sdk::user::name().next().await?;
///     portico_sdk::info!("Good day, {name}.");
///     Ok::<_, portico_sdk::Error>(())
/// });
/// ```
#[macro_export]
macro_rules! program {
    ($main:expr) => {
        /// Runs the program.
        #[unsafe(no_mangle)]
        pub extern "C" fn run() {
            $crate::run($main);
        }
    };
}

/// Embeds a file (TOML) as the program's manifest. The path is relative to the source file.
#[macro_export]
macro_rules! manifest {
    ($path:expr) => {
        const _: () = {
            #[cfg_attr(target_arch = "wasm32", unsafe(link_section = "portico"))]
            #[used]
            static MANIFEST: [u8; include_bytes!($path).len()] = *include_bytes!($path);
        };
    };
}

/// Embeds a file (PNG or SVG) as the program's icon. The path is relative to the source file.
#[macro_export]
macro_rules! icon {
    ($path:expr) => {
        const _: () = {
            #[cfg_attr(target_arch = "wasm32", unsafe(link_section = "portico.icon"))]
            #[used]
            static ICON: [u8; include_bytes!($path).len()] = *include_bytes!($path);
        };
    };
}

/// Runs a program to its end and exits with its code. [`program!`](crate::program) calls it.
pub fn run(main: impl Future<Output: Outcome> + 'static) {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| last_words(&panic.to_string())));
    let code = task::run(main);
    crate::runtime::exit(code);
}

/// Logs a text at once, whatever the program was doing, and with it everything that it had posted before.
#[cfg(target_arch = "wasm32")]
fn last_words(text: &str) {
    use portico_abi::{Command, Level, MAX_CHANNEL_ID, Print, which};

    let Some((mut commands, mut done)) = crate::runtime::last_words() else {
        return;
    };
    let message = Print {
        level: Level::Error.number(),
        text: crate::channel::text(text),
        ..Print::default()
    };
    commands.push(Command {
        channel: 0.into(),
        // The runtime counts up from 1 and never gets here.
        new: MAX_CHANNEL_ID.into(),
        which: which::LOG.into(),
        data: crate::host::address(&raw const message).into(),
    });
    crate::host::ar(&commands, &mut done);
}
