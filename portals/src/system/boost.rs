//! The host's frequency boost: commands 3 and 4.
//!
//! The ABI has one value, Off. Where the boost is on, reading it fails with Unsupported: there is no number for that.

use crate::Host;
use crate::channels::RequestChannel;
use portico_abi::{Code, Overclock, which};
use portico_kernel::{CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading};
use zerocopy::little_endian::U32;

/// The portal for changes: they touch the whole computer, so the user is asked.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "overclock",
    summary: "Turn off the frequency boost of the processor",
    default: DefaultAccess::Ask,
    watched: false,
    commands: &[CommandEntry {
        number: which::SET_OVERCLOCK,
        name: "set overclocking",
        single: false,
        open: Some(|| RequestChannel::open(setting, turn_off)),
    }],
};

/// Switches of the boost: their file, its content while the boost is on, and the content that turns it off.
#[cfg(target_os = "linux")]
const SWITCHES: [(&str, &str, &str); 2] = [
    ("/sys/devices/system/cpu/cpufreq/boost", "1", "0"),
    ("/sys/devices/system/cpu/intel_pstate/no_turbo", "0", "1"),
];
/// Other systems show programs no such switch.
#[cfg(not(target_os = "linux"))]
const SWITCHES: [(&str, &str, &str); 0] = [];

/// The switches of boosts that are on: their files, and what turns them off.
fn on() -> impl Iterator<Item = (&'static str, &'static str)> {
    SWITCHES
        .into_iter()
        .filter(|(file, on, _)| std::fs::read_to_string(file).is_ok_and(|now| now.trim() == *on))
        .map(|(file, _, off)| (file, off))
}

/// The number of the setting.
pub(super) fn read() -> Result<u32, Failure> {
    match on().next() {
        None => Ok(Overclock::Off.number()),
        Some((file, _)) => Err(Failure::new(
            Code::Unsupported,
            format!("{file}: the boost is on, which has no number"),
        )),
    }
}

fn setting(cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
    let number: U32 = cx.memory.read(at, "setting")?;
    match Overclock::from_number(number.get()) {
        Some(Overclock::Off) => Ok(()),
        None => Err(Fault::failure(
            Code::Unsupported,
            format!("there is no overclocking setting {number}"),
        )),
    }
}

fn turn_off(_cx: &mut Cx<'_, Host>, (): ()) -> Result<(), Failure> {
    for (file, off) in on() {
        std::fs::write(file, off).map_err(|error| {
            let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
            Failure::new(
                if denied { Code::Denied } else { Code::Failed },
                format!("{file}: {error}"),
            )
        })?;
    }
    Ok(())
}
