//! The host: CPU (commands 0 to 4), kernel (7), system (8), desktop (9), runtime (10).

mod boost;
mod cpu;

use crate::Host;
use crate::channels::{number, text};
use crate::environment;
use portico_abi::{Architecture, Environment, Platform, RefSize, Runtime, which};
use portico_kernel::{CommandEntry, DefaultAccess, Portal};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "system",
    summary: "Know what kind of computer and system it runs on",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::ARCHITECTURE,
            name: "CPU architecture",
            single: false,
            open: Some(|| number(|| Ok(architecture(std::env::consts::ARCH).number()))),
        },
        CommandEntry {
            number: which::REFERENCE_SIZE,
            name: "reference size",
            single: false,
            open: Some(|| number(|| Ok(reference_size().number()))),
        },
        CommandEntry {
            number: which::CPU_EXTENSIONS,
            name: "CPU extensions",
            single: false,
            open: Some(|| text(|_| cpu::extensions().join(" "))),
        },
        CommandEntry {
            number: which::OVERCLOCK,
            name: "overclocking setting",
            single: false,
            open: Some(|| number(boost::read)),
        },
        CommandEntry {
            number: which::KERNEL,
            name: "kernel",
            single: false,
            open: Some(|| number(|| Ok(platform(std::env::consts::OS).number()))),
        },
        CommandEntry {
            number: which::OS_NAME,
            name: "OS name",
            single: false,
            open: Some(|| text(|_| whoami::distro().unwrap_or_else(|_| std::env::consts::OS.to_owned()))),
        },
        CommandEntry {
            number: which::DESKTOP,
            name: "desktop environment",
            single: false,
            open: Some(|| number(|| Ok(desktop().number()))),
        },
        CommandEntry {
            number: which::RUNTIME,
            name: "wasm runtime",
            single: false,
            open: Some(|| number(|| Ok(Runtime::Wasmtime.number()))),
        },
    ],
};

pub(crate) use boost::PORTAL as BOOST;

fn architecture(name: &str) -> Architecture {
    match name {
        "x86" | "x86_64" => Architecture::X86,
        "arm" | "aarch64" => Architecture::Arm,
        "riscv32" | "riscv64" => Architecture::RiscV,
        "mips" | "mips32r6" | "mips64" | "mips64r6" => Architecture::Mips,
        "wasm32" | "wasm64" => Architecture::Wasm,
        _ => Architecture::Unknown,
    }
}

fn reference_size() -> RefSize {
    match usize::BITS {
        16 => RefSize::Bits16,
        32 => RefSize::Bits32,
        64 => RefSize::Bits64,
        _ => RefSize::Bits128,
    }
}

fn platform(name: &str) -> Platform {
    match name {
        "linux" => Platform::Linux,
        "freebsd" | "openbsd" | "netbsd" | "dragonfly" => Platform::Bsd,
        "windows" => Platform::Windows,
        "macos" => Platform::MacOs,
        "ios" => Platform::Ios,
        "android" => Platform::Android,
        "fuchsia" => Platform::Fuchsia,
        "redox" => Platform::Redox,
        _ => Platform::Unknown,
    }
}

fn desktop() -> Environment {
    match platform(std::env::consts::OS) {
        Platform::Windows => Environment::Windows,
        Platform::MacOs => Environment::Aqua,
        Platform::Ios => Environment::Ios,
        Platform::Android => Environment::Android,
        Platform::Redox => Environment::Orbital,
        _ => unix_desktop(&environment::desktop_names(), environment::has_display()),
    }
}

/// The first known desktop of these variables, each with its names separated by colons, most specific first.
fn unix_desktop(variables: &[String], display: bool) -> Environment {
    let known = |name: &str| match name.to_ascii_lowercase().as_str() {
        "gnome" | "gnome-classic" | "gnome-flashback" => Some(Environment::Gnome),
        "lxde" => Some(Environment::Lxde),
        "openbox" => Some(Environment::Openbox),
        "mate" => Some(Environment::Mate),
        "xfce" => Some(Environment::Xfce),
        "kde" | "plasma" => Some(Environment::Kde),
        "cinnamon" | "x-cinnamon" => Some(Environment::Cinnamon),
        "i3" => Some(Environment::I3),
        "ubuntu" => Some(Environment::Ubuntu),
        "ermine" => Some(Environment::Ermine),
        "quantii" => Some(Environment::Quantii),
        _ => None,
    };
    let none = if display {
        Environment::Unknown
    } else {
        Environment::Console
    };
    variables
        .iter()
        .flat_map(|variable| variable.split(':'))
        .find_map(known)
        .unwrap_or(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desktops_are_known_by_their_names() {
        let desktop = |name: &str| unix_desktop(&[name.to_owned()], true);
        assert_eq!(desktop("ubuntu:GNOME"), Environment::Ubuntu);
        assert_eq!(desktop("X-Cinnamon"), Environment::Cinnamon);
        assert_eq!(desktop("niri"), Environment::Unknown);
        assert_eq!(
            unix_desktop(&[String::new(), "xfce".to_owned()], true),
            Environment::Xfce
        );
        assert_eq!(unix_desktop(&[String::new()], false), Environment::Console);
    }

    #[test]
    fn this_host_has_a_name() {
        assert_ne!(architecture(std::env::consts::ARCH), Architecture::Unknown);
        assert_ne!(platform(std::env::consts::OS), Platform::Unknown);
        assert!(!cpu::extensions().is_empty() || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))));
    }
}
