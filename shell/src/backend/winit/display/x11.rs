//! What is particular to X11.
//!
//! Xlib ends the process when its connection breaks, and the window library panics. Both are caught here, so that the shell can
//! come to an end of its own.

use super::Held;
use super::connection::{Connection, System};
use anyhow::{Context as _, bail};
use portico_surface::Visual;
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::thread::ThreadId;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xinput::ConnectionExt as _;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageOrder, Screen, Setup, VisualClass, Visualtype,
};

/// Extensions without which the window library panics.
const NEEDED: [&str; 3] = ["RANDR", "XInputExtension", "XKEYBOARD"];

/// Looks at the server of this name, which the window library will connect to.
pub(super) fn check(display: &str) -> anyhow::Result<(Option<Visual>, Held)> {
    // That there is no server is for the window library to say.
    let Ok((connection, screen)) = x11rb::connect(None) else {
        return Ok((None, Box::new(())));
    };
    for name in NEEDED {
        connection.prefetch_extension_information(name)?;
    }
    for name in NEEDED {
        if connection.extension_information(name)?.is_none() {
            bail!("windows can't be opened on the X server {display}: it lacks the extension {name}");
        }
    }
    // Of this one, the first version is no use.
    if connection.xinput_xi_query_version(2, 3)?.reply().is_err() {
        bail!("windows can't be opened on the X server {display}: it lacks version 2 of the extension XInputExtension");
    }
    let setup = connection.setup();
    let screen = setup
        .roots
        .get(screen)
        .context("the X server has no screen of that number")?;
    let visual = visual(setup, screen).with_context(|| {
        let depth = screen.root_depth;
        format!("windows can't be opened on the X server {display}: with colours of {depth} bits it shows none of 24")
    })?;
    Ok((visual, Box::new(connection)))
}

/// How windows of a screen have their pixels: as the screen itself (`Some(None)`) where those are ours, red, green and blue in
/// a byte each; else as another visual. `None` where there is no such visual.
fn visual(setup: &Setup, screen: &Screen) -> Option<Option<Visual>> {
    let masks = if (setup.image_byte_order == ImageOrder::LSB_FIRST) == cfg!(target_endian = "little") {
        (0xFF_0000, 0xFF00, 0xFF)
    } else {
        (0xFF00, 0xFF_0000, 0xFF00_0000)
    };
    let is_ours = |visual: &Visualtype| {
        let colours = [VisualClass::TRUE_COLOR, VisualClass::DIRECT_COLOR].contains(&visual.class);
        colours && (visual.red_mask, visual.green_mask, visual.blue_mask) == masks
    };
    let of_depth = |wanted: u8| {
        let whole = setup
            .pixmap_formats
            .iter()
            .any(|format| format.depth == wanted && format.bits_per_pixel == 32);
        let depths = screen
            .allowed_depths
            .iter()
            .filter(move |depth| whole && depth.depth == wanted);
        depths.flat_map(|depth| &depth.visuals).filter(|visual| is_ours(visual))
    };
    if of_depth(24)
        .chain(of_depth(32))
        .any(|visual| visual.visual_id == screen.root_visual)
    {
        return Some(None);
    }
    let opaque = of_depth(24).map(|visual| Visual {
        id: visual.visual_id,
        alpha: false,
    });
    let alpha = of_depth(32).map(|visual| Visual {
        id: visual.visual_id,
        alpha: true,
    });
    opaque.chain(alpha).next().map(Some)
}

/// Has the window library told of all changes of the display's scale, and lets the shell outlive the connection: when it breaks,
/// `end` is called on the event thread, or `lost` on another one.
pub(super) fn follow(
    connection: &Connection,
    lost: impl Fn() + Send + Sync + 'static,
    end: impl Fn() + Send + Sync + 'static,
) {
    let System::X11 {
        connection,
        xlib,
        screen,
    } = connection.system()
    else {
        return;
    };
    // It follows `Xft.dpi` of the server's resources, but does not ask to be told of changes.
    if let Some(screen) = connection.setup().roots.get(*screen) {
        let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let asked = connection
            .change_window_attributes(screen.root, &changes)
            .map(|asked| asked.ignore_error());
        if let Err(error) = asked.and_then(|()| connection.flush()) {
            tracing::debug!("changes of the X server's resources are not heard of: {error}");
        }
    }
    let _ = ON_LOSS.set(OnLoss {
        event_thread: std::thread::current().id(),
        lost: Box::new(lost),
        end: Box::new(end),
    });
    if let Err(error) = stay(*xlib) {
        tracing::warn!("the process will end at once with its X server: {error:#}");
    }
}

/// Called when the connection breaks.
struct OnLoss {
    event_thread: ThreadId,
    lost: Box<dyn Fn() + Send + Sync>,
    end: Box<dyn Fn() + Send + Sync>,
}

static ON_LOSS: OnceLock<OnLoss> = OnceLock::new();

/// Lets the process live on when the connection of this display breaks.
#[allow(unsafe_code, reason = "only Xlib itself can be told")]
fn stay(xlib: *mut c_void) -> anyhow::Result<()> {
    type Handler = unsafe extern "C" fn(*mut c_void) -> c_int;
    type ExitHandler = unsafe extern "C" fn(*mut c_void, *mut c_void);
    // SAFETY: the window library has opened this library already: nothing of it is run now.
    let library = unsafe { libloading::Library::new("libX11.so.6") }?;
    // SAFETY: the functions have these signatures, and the handlers those that are asked for. The second, which Xlib 1.7 and
    // later have, may return on a thread that makes no request afterwards.
    unsafe {
        let set_exit = library
            .get::<unsafe extern "C" fn(*mut c_void, Option<ExitHandler>, *mut c_void)>(b"XSetIOErrorExitHandler\0")?;
        let set = library.get::<unsafe extern "C" fn(Option<Handler>) -> Option<Handler>>(b"XSetIOErrorHandler\0")?;
        set_exit(xlib, Some(broken), std::ptr::null_mut());
        set(Some(keep_quiet));
    }
    // The handlers stay for as long as the process does.
    std::mem::forget(library);
    Ok(())
}

/// Xlib's own handler would write to the terminal.
#[allow(unsafe_code, reason = "a handler of Xlib's")]
unsafe extern "C" fn keep_quiet(_display: *mut c_void) -> c_int {
    0
}

/// Xlib's own handler would end the process without a word.
///
/// The window library is in the middle of a request, and makes others after it: those that Xlib gives no room in its buffer any
/// more are written to a null pointer. So on the event thread this does not return.
#[allow(unsafe_code, reason = "a handler of Xlib's")]
unsafe extern "C" fn broken(_display: *mut c_void, _data: *mut c_void) {
    match ON_LOSS.get() {
        Some(on_loss) if std::thread::current().id() == on_loss.event_thread => {
            (on_loss.end)();
            std::process::abort()
        }
        Some(on_loss) => (on_loss.lost)(),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x11rb::protocol::xproto::{Depth, Format};

    const TRUE_COLOR: (u32, u32, u32) = (0xFF_0000, 0xFF00, 0xFF);

    /// A screen whose own visual is the first, with visuals of these depths and masks.
    fn server(visuals: &[(u8, (u32, u32, u32))]) -> (Setup, Screen) {
        let mut ids = 1..;
        let visual = |&(depth, (red_mask, green_mask, blue_mask)): &(u8, (u32, u32, u32))| {
            let visual_id = ids.next().unwrap_or_default();
            let class = VisualClass::TRUE_COLOR;
            let visual = Visualtype {
                visual_id,
                class,
                red_mask,
                green_mask,
                blue_mask,
                ..Visualtype::default()
            };
            Depth {
                depth,
                visuals: vec![visual],
            }
        };
        let allowed_depths = visuals.iter().map(visual).collect();
        let screen = Screen {
            root_visual: 1,
            root_depth: visuals[0].0,
            allowed_depths,
            ..Screen::default()
        };
        let format = |depth: u8| Format {
            depth,
            bits_per_pixel: if depth > 16 { 32 } else { 16 },
            scanline_pad: 32,
        };
        let image_byte_order = if cfg!(target_endian = "little") {
            ImageOrder::LSB_FIRST
        } else {
            ImageOrder::MSB_FIRST
        };
        let setup = Setup {
            pixmap_formats: [16, 24, 30, 32].map(format).to_vec(),
            image_byte_order,
            ..Setup::default()
        };
        (setup, screen)
    }

    #[test]
    fn windows_have_pixels_of_ours() {
        let deep = (0x3FF0_0000, 0xF_FC00, 0x3FF);
        let small = (0xF800, 0x7E0, 0x1F);
        let chosen = |visuals: &[(u8, (u32, u32, u32))]| {
            let (setup, screen) = server(visuals);
            visual(&setup, &screen)
        };
        let with = |id, alpha| Some(Some(Visual { id, alpha }));
        assert_eq!(chosen(&[(24, TRUE_COLOR), (32, TRUE_COLOR)]), Some(None));
        assert_eq!(chosen(&[(30, deep), (32, TRUE_COLOR)]), with(2, true));
        assert_eq!(
            chosen(&[(16, small), (32, TRUE_COLOR), (24, TRUE_COLOR)]),
            with(3, false)
        );
        assert_eq!(chosen(&[(16, small)]), None);
        assert_eq!(chosen(&[(30, deep), (24, (0xFF, 0xFF00, 0xFF_0000))]), None);
    }
}
