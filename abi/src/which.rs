//! Number of each command, as it stands in [`Command::which`](crate::Command::which).

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        $($(#[$doc])* pub const $name: u32 = $number;)*
    };
}

numbers! {
    /// CPU architecture.
    ARCHITECTURE = 0;
    /// Size of a reference of the host's CPU.
    REFERENCE_SIZE = 1;
    /// CPU extensions.
    CPU_EXTENSIONS = 2;
    /// Frequency boost.
    OVERCLOCK = 3;
    /// Set the frequency boost.
    SET_OVERCLOCK = 4;
    /// UTC date and time.
    UTC = 5;
    /// Time zone.
    TIME_ZONE = 6;
    /// Kernel of the host.
    KERNEL = 7;
    /// Name of the operating system.
    OS_NAME = 8;
    /// Desktop environment.
    DESKTOP = 9;
    /// WebAssembly runtime.
    RUNTIME = 10;
    /// User name.
    USER_NAME = 11;
    /// Full name of the user.
    FULL_NAME = 12;
    /// Languages, most preferred first.
    LANGUAGE = 13;
    /// Set the user name.
    SET_USER_NAME = 14;
    /// Set the full name.
    SET_FULL_NAME = 15;
    /// Set the languages.
    SET_LANGUAGE = 16;
    /// Spawn a child task.
    SPAWN = 17;
    /// Connect to the parent.
    PARENT = 18;
    /// Log.
    LOG = 19;
    /// Lines typed into the debug console.
    CONSOLE = 20;
    /// Buttons at the end of the toolbar.
    WINDOW_ACTIONS = 21;
    /// Buttons at the start of the toolbar.
    NAVIGATION_ACTIONS = 22;
    /// HUD menu and shortcuts.
    MENU = 23;
    /// Tabs behind the hamburger menu.
    TABS = 24;
    /// Search per mode.
    SEARCH = 25;
    /// Keys.
    KEYS = 26;
    /// Text.
    TEXT = 27;
    /// Cursor.
    CURSOR = 28;
    /// Controllers.
    CONTROLLERS = 29;
    /// GPIO interrupts.
    GPIO_INTERRUPTS = 30;
    /// GPIO state.
    GPIO_STATE = 31;
    /// Record audio.
    RECORD_AUDIO = 32;
    /// Play audio.
    PLAY_AUDIO = 33;
    /// Record video.
    RECORD_VIDEO = 34;
    /// Show a frame.
    FRAME = 35;
    /// Serve over HTTP.
    SERVE = 36;
    /// Connect over HTTP.
    FETCH = 37;
    /// Be a Bluetooth device.
    PERIPHERAL = 38;
    /// Connect to a Bluetooth device.
    CENTRAL = 39;
    /// Storage: open a file.
    FILE = 40;
    /// Storage: share a file.
    SHARE = 41;
    /// GPU compute.
    COMPUTE = 42;
    /// GPU command.
    GPU = 43;
    /// Switch mode.
    MODE = 44;
    /// Why a channel closed.
    WHY = 45;
    /// Timer.
    TIMER = 46;
    /// Window state.
    WINDOW = 47;
    /// Window title.
    TITLE = 48;
    /// Cursor shape.
    CURSOR_SHAPE = 49;
    /// Clipboard.
    CLIPBOARD = 50;
    /// Notification.
    NOTIFICATION = 51;
    /// Random bytes.
    RANDOM = 52;
    /// Launch another program.
    LAUNCH = 53;
    /// Handle an interface.
    HANDLE = 54;
    /// Answer a message to an interface.
    ANSWER = 55;
    /// Call an interface.
    CALL = 56;
    /// A port on the message broker.
    PORT = 57;
    /// Resolve an object to a port.
    RESOLVE = 58;
    /// A file dropped on the window.
    DROP = 59;
    /// Arguments.
    ARGUMENTS = 60;
    /// Tooltips and accessible names of toolbar buttons.
    TOOLBAR_NAMES = 61;
    /// Unsaved work.
    UNSAVED = 62;
}

/// How many commands there are: numbers go from 0 to one less.
pub const COUNT: u32 = 63;

/// A number that is kept for tests of a host: no host serves it to programs.
pub const TEST: u32 = COUNT;
