//! What a program learns of its host: CPU, clock, system and user (commands 0 to 16), and the window around it (47).

use crate::base::List;
use crate::macros::{enums, messages};
use zerocopy::little_endian::{F32, I16, U16, U32};

messages! {
    /// Time of day, UTC.
    struct Time: 4 {
        /// Hour, 0 to 23.
        0 => hour: u8,
        /// Minute, 0 to 59.
        1 => minute: u8,
        /// Milliseconds of the minute, 0 to 59,999 (60,999 in a minute with a leap second).
        2 => millis: U16,
    }

    /// Day of the calendar.
    struct Date: 4 {
        /// Year, modulo 65,536.
        0 => year: U16,
        /// Month, 1 to 12.
        2 => month: u8,
        /// Weekday (Monday 1 to Sunday 7) shifted left by five, and the day of the month (1 to 31). See [`Date::new`].
        3 => day: u8,
    }

    /// A moment, or a length of time as the moment that replaces 0000-01-01 00:00.
    struct DateTime: 8 {
        /// The day.
        0 => date: Date,
        /// The time of that day.
        4 => time: Time,
    }

    /// A change of the wall clock.
    struct TimeAdjustment: 16 {
        /// Wall clock before the change.
        0 => when: DateTime,
        /// Wall clock after it.
        8 => new: DateTime,
    }

    /// A leap second, at the end of a month.
    struct LeapSecond: 4 {
        /// Year.
        0 => year: I16,
        /// Month, 1 to 12.
        2 => month: u8,
        /// Seconds inserted: 1, or -1 for one left out.
        3 => delta: i8,
    }

    /// Time zone (command 6).
    struct TimeZone: 32 {
        /// 0 for UTC, else the first four bytes of the abbreviation in force, zero-padded, first byte lowest.
        0 => designation: U32,
        /// `List<TimeAdjustment>`: a change of standard time each, since 1970.
        4 => deltas: List,
        /// Local time minus UTC now, as the moment that replaces 0000-01-01 00:00.
        12 => offset: DateTime,
        /// `List<LeapSecond>`: all so far.
        20 => leap_seconds: List,
        /// Sum of the leap seconds.
        28 => leap: I16,
        /// Whether daylight saving is in force: 0 or 1.
        30 => is_dst: u8,
        /// 0.
        31 => reserved: u8,
    }

    /// Languages (commands 13 and 16).
    struct Lang: 8 {
        /// `List<Language>`, most preferred first.
        0 => list: List,
    }

    /// A language and its region: four ASCII bytes, for example `enUS`; `XX` for no region.
    struct Language: 4 {
        /// The bytes: language, then region.
        0 => code: [u8; 4],
    }

    /// State of the program's window (command 47).
    struct Window: 16 {
        /// Width of the framebuffer area in display pixels.
        0 => width: U32,
        /// Height of the framebuffer area in display pixels.
        4 => height: U32,
        /// Display pixels per point.
        8 => scale: F32,
        /// `FOCUSED` and the other bits below.
        12 => flags: U32,
    }
}

impl Date {
    /// A day; `weekday` is 1 (Monday) to 7 (Sunday), `day` 1 to 31.
    pub const fn new(year: u16, month: u8, weekday: u8, day: u8) -> Self {
        Self {
            year: U16::new(year),
            month,
            day: weekday << 5 | day & 31,
        }
    }

    /// Monday 1 to Sunday 7.
    pub const fn weekday(&self) -> u8 {
        self.day >> 5
    }

    /// Day of the month, 1 to 31.
    pub const fn day_of_month(&self) -> u8 {
        self.day & 31
    }
}

impl Time {
    /// A time of day; `millis` counts from the start of the minute.
    pub const fn new(hour: u8, minute: u8, millis: u16) -> Self {
        Self {
            hour,
            minute,
            millis: U16::new(millis),
        }
    }
}

impl Language {
    /// The language as text, `None` where its bytes are not ASCII letters.
    pub fn as_str(&self) -> Option<&str> {
        if !self.code.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        core::str::from_utf8(&self.code).ok()
    }
}

impl Window {
    /// Bit of `flags`: the window has the keyboard focus.
    pub const FOCUSED: u32 = 1;
    /// Bit of `flags`: something of the window can be seen.
    pub const VISIBLE: u32 = 1 << 1;
    /// Bit of `flags`: the window fills the screen.
    pub const FULL_SCREEN: u32 = 1 << 2;
    /// Bit of `flags`: the user wants dark colours.
    pub const DARK: u32 = 1 << 3;
    /// Bit of `flags`: the user wants little motion.
    pub const REDUCED_MOTION: u32 = 1 << 4;
    /// Bit of `flags`: the window closes; two seconds are left to save.
    pub const CLOSING: u32 = 1 << 5;
}

enums! {
    /// Architecture of a CPU (command 0).
    enum Architecture: u32 {
        /// WebAssembly itself.
        Wasm = 0,
        /// RISC-V.
        RiscV = 1,
        /// ARM.
        Arm = 2,
        /// MIPS.
        Mips = 3,
        /// x86, 32 and 64 bits.
        X86 = 4,
        /// Any other.
        Unknown = u32::MAX,
    }

    /// Size of a reference (command 1).
    enum RefSize: u32 {
        /// 16 bits.
        Bits16 = 0,
        /// 32 bits.
        Bits32 = 1,
        /// 64 bits.
        Bits64 = 2,
        /// 128 bits.
        Bits128 = 3,
    }

    /// Kernel of a host (command 7).
    enum Platform: u32 {
        /// Linux.
        Linux = 0,
        /// FreeBSD, OpenBSD, NetBSD or DragonFly.
        Bsd = 1,
        /// Windows.
        Windows = 2,
        /// macOS.
        MacOs = 3,
        /// iOS.
        Ios = 4,
        /// Android.
        Android = 5,
        /// A Nintendo console.
        Nintendo = 6,
        /// An Xbox.
        Xbox = 7,
        /// A PlayStation.
        PlayStation = 8,
        /// Fuchsia.
        Fuchsia = 9,
        /// Redox.
        Redox = 10,
        /// Novusk.
        Novusk = 11,
        /// Any other.
        Unknown = u32::MAX,
    }

    /// Desktop environment (command 9).
    enum Environment: u32 {
        /// GNOME.
        Gnome = 0,
        /// Windows.
        Windows = 1,
        /// LXDE.
        Lxde = 2,
        /// Openbox.
        Openbox = 3,
        /// MATE.
        Mate = 4,
        /// Xfce.
        Xfce = 5,
        /// KDE Plasma.
        Kde = 6,
        /// Cinnamon.
        Cinnamon = 7,
        /// i3.
        I3 = 8,
        /// Aqua (macOS).
        Aqua = 9,
        /// iOS.
        Ios = 10,
        /// Android.
        Android = 11,
        /// A web browser.
        WebBrowser = 12,
        /// A console.
        Console = 13,
        /// Ubuntu.
        Ubuntu = 14,
        /// Ermine.
        Ermine = 15,
        /// Orbital.
        Orbital = 16,
        /// quantii.
        Quantii = 17,
        /// Any other.
        Unknown = u32::MAX,
    }

    /// WebAssembly runtime (command 10).
    enum Runtime: u32 {
        /// Wasmtime.
        Wasmtime = 0,
        /// Wasmer.
        Wasmer = 1,
        /// Wasmi.
        Wasmi = 2,
        /// Wari.
        Wari = 3,
        /// Any other.
        Unknown = u32::MAX,
    }

    /// Frequency boost of a host (commands 3 and 4).
    enum Overclock: u32 {
        /// None: the only value so far.
        Off = 0,
    }
}
