//! Commands that this host does not serve yet: they are answered with Unsupported. Each moves to a file of its own when it is
//! served.

use crate::Host;
use portico_abi::which;
use portico_kernel::{CommandEntry, DefaultAccess, Portal};

macro_rules! unsupported {
    ($($portal:ident: $name:literal, $summary:literal, $default:ident, [$($number:ident $command:literal),*];)*) => {
        $(pub(crate) const $portal: Portal<Host> = Portal {
            name: $name,
            summary: $summary,
            default: DefaultAccess::$default,
            watched: false,
            commands: &[$(CommandEntry { number: which::$number, name: $command, single: false, open: None }),*],
        };)*
    };
}

unsupported! {
    CONTROLLERS: "controllers", "Hear game controllers", Open, [CONTROLLERS "controllers"];
    GPIO: "gpio", "Use pins of this computer", Ask, [GPIO_INTERRUPTS "GPIO interrupts", GPIO_STATE "GPIO state"];
    MICROPHONE: "microphone", "Hear the microphone", Ask, [RECORD_AUDIO "record audio"];
    SPEAKERS: "speakers", "Play sound", Open, [PLAY_AUDIO "play audio"];
    CAMERA: "camera", "See through the camera", Ask, [RECORD_VIDEO "record video"];
    HTTP: "http", "Use the network", Ask, [SERVE "serve over HTTP", FETCH "connect over HTTP"];
    BLUETOOTH: "bluetooth", "Use Bluetooth", Ask, [PERIPHERAL "Bluetooth device", CENTRAL "Bluetooth connect"];
    STORAGE: "storage", "Keep files of its own", Open, [FILE "open file"];
    SHARING: "sharing", "Exchange files with you and other programs", Ask, [SHARE "share file"];
    GPU: "gpu", "Compute and draw on the GPU", Open, [COMPUTE "GPU compute", GPU "GPU command"];
    INTERFACES: "interfaces", "Exchange messages with other programs", Ask,
        [HANDLE "handle interface", ANSWER "answer", CALL "call interface"];
}
