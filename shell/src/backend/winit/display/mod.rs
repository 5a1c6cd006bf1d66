//! The display that all windows are on: what it must have, looked at before the window library takes it for granted; and its
//! end, which comes when its server or compositor goes away, or somebody cuts this process off from it.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod connection;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod x11;

use portico_surface::Visual;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;
use winit::error::EventLoopError;
use winit::event_loop::OwnedDisplayHandle;

/// A connection that stays open until this is dropped.
pub(super) type Held = Box<dyn Any>;

/// Looks at the display that the window library will open. Returns how windows have their pixels there, where that is not as the
/// display has its own, and the connection by which it has looked.
///
/// # Errors
/// When windows can't be opened there: the words say what is missing.
pub(super) fn check() -> anyhow::Result<(Option<Visual>, Held)> {
    #[cfg(all(unix, not(target_vendor = "apple")))]
    {
        if let Some(display) = crate::environment::x11_display() {
            return x11::check(&display);
        }
    }
    Ok((None, Box::new(())))
}

/// The connection to the display is lost, and with it all windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection to the display is lost, and all windows with it")]
pub struct Lost;

/// Leaves the event loop when the display is lost: it is unwound, since its orderly end would talk to the display.
pub(super) fn leave() -> ! {
    resume_unwind(Box::new(Lost))
}

/// The connection of the window library to the display, watched.
#[derive(Clone)]
pub(super) struct Watch {
    is_lost: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Watch {
    /// Watches the connection; `lost` is called, on any thread, when the window library itself would not tell of its end. `end` is
    /// called where the event thread can't go on: it ends the process. Call it on the event thread.
    pub(super) fn over(
        display: OwnedDisplayHandle,
        lost: impl Fn() + Send + Sync + 'static,
        end: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        match connection::Connection::of(display) {
            Ok(connection) => {
                x11::follow(&connection, lost, end);
                return Self {
                    is_lost: Arc::new(move || connection.is_lost()),
                };
            }
            Err(error) => tracing::warn!("the connection to the display can't be watched: {error:#}"),
        }
        #[cfg(not(all(unix, not(target_vendor = "apple"))))]
        let _ = (display, lost, end);
        Self {
            is_lost: Arc::new(|| false),
        }
    }

    /// Whether the connection is broken, or breaks in a moment: a server that dies takes its connections with it one after the
    /// other.
    pub(super) fn is_soon_lost(&self) -> bool {
        (0..10).any(|look| {
            if look > 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
            self.is_lost()
        })
    }

    /// Whether the connection is broken.
    pub(super) fn is_lost(&self) -> bool {
        (self.is_lost)()
    }

    /// Runs the event loop to its end.
    ///
    /// The window library panics where it meets a broken connection before it has been told of it: that is the same end, and
    /// nobody's fault.
    pub(super) fn run(&self, run: impl FnOnce() -> Result<(), EventLoopError>) -> Result<(), Lost> {
        let watch = self.clone();
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !watch.is_lost() {
                tell(panic);
            }
        }));
        match catch_unwind(AssertUnwindSafe(run)) {
            _ if self.is_lost() => Err(Lost),
            Err(panic) if panic.is::<Lost>() => Err(Lost),
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                // It fails only when it can't talk to the display any more.
                tracing::info!("the event loop has failed: {error}");
                Err(Lost)
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Does what comes after the event loop. Where the display is lost, the window library panics at what was to be given back
    /// to it: that is gone.
    pub(super) fn wind_up(&self, act: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(act))
            && !self.is_lost()
        {
            resume_unwind(panic);
        }
    }
}
