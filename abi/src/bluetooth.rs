//! Bluetooth low energy: being a device (38) and connecting to one (39).
//!
//! UUIDs are 16 bytes in the order in which they are written.

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{I16, U16, U32, U64};

messages! {
    /// Finds, connects to and talks to devices (command 39).
    struct Central: 72 {
        /// In and out: a [`CentralOp`].
        0 => op: U32,
        /// In and out: what `op` says.
        4 => flags: U32,
        /// In and out: the host's number of the device.
        8 => device: U64,
        /// In and out: index in the list of the device's attributes.
        16 => attribute: U16,
        /// Out: 0, the ATT error, or 256 for any other.
        18 => code: U16,
        /// Out: signal strength in dBm, 127 where it is unknown.
        20 => rssi: I16,
        /// Out: events dropped before this one.
        22 => lost: U16,
        /// Out: when, in microseconds since the program started.
        24 => micros: U64,
        /// In: service to scan for, all 0 for any.
        32 => service: [u8; 16],
        /// In, `List<u8>`: what is written.
        48 => data: List,
        /// Out: name of the device.
        56 => name: Text,
        /// Out, `List<u8>`: advertisement, attributes, or value.
        64 => value: List,
    }

    /// A characteristic of a device that is connected.
    struct GattAttribute: 36 {
        /// UUID of its service.
        0 => service: [u8; 16],
        /// UUID of the characteristic.
        16 => uuid: [u8; 16],
        /// GATT's properties: read 2, write without response 4, write 8, notify 16, indicate 32, added up.
        32 => properties: U16,
        /// 0.
        34 => reserved: U16,
    }

    /// Advertises and serves a device (command 38).
    struct Peripheral: 60 {
        /// In and out: a [`PeripheralOp`].
        0 => op: U32,
        /// In and out: number of the characteristic, counted through all services.
        4 => attribute: U16,
        /// Out: events dropped before this one.
        6 => lost: U16,
        /// Out: what `op` says.
        8 => flags: U32,
        /// Out: the host's number of the device at the other end.
        12 => central: U64,
        /// Out: when, in microseconds since the program started.
        20 => micros: U64,
        /// In: name that is advertised.
        28 => name: Text,
        /// In, `List<GattService>`.
        36 => services: List,
        /// In, `List<u8>`: new value.
        44 => data: List,
        /// Out, `List<u8>`: what was written.
        52 => value: List,
    }

    /// A service of a device that is served.
    struct GattService: 28 {
        /// Its UUID.
        0 => uuid: [u8; 16],
        /// `ADVERTISED`.
        16 => flags: U32,
        /// `List<GattCharacteristic>`.
        20 => characteristics: List,
    }

    /// A characteristic of a device that is served.
    struct GattCharacteristic: 28 {
        /// Its UUID.
        0 => uuid: [u8; 16],
        /// GATT's properties, as in [`GattAttribute`], and `PAIRED`.
        16 => properties: U32,
        /// `List<u8>`: its first value.
        20 => value: List,
    }
}

impl GattService {
    /// Bit of `flags`: it is advertised.
    pub const ADVERTISED: u32 = 1;
}

impl GattCharacteristic {
    /// Bit of `properties`: only over a paired link.
    pub const PAIRED: u32 = 256;
}

enums! {
    /// Operation of a [`Central`].
    enum CentralOp: u32 {
        /// Find devices.
        Scan = 0,
        /// Connect to one.
        Connect = 1,
        /// Read a characteristic.
        Read = 2,
        /// Write a characteristic.
        Write = 3,
        /// Be told of a characteristic's values, or no longer.
        Subscribe = 4,
        /// Told: a characteristic has a new value.
        Notified = 5,
    }

    /// Operation of a [`Peripheral`].
    enum PeripheralOp: u32 {
        /// Advertise and serve.
        Serve = 0,
        /// Set a characteristic's value.
        Set = 1,
        /// Told: a characteristic was written.
        Written = 2,
        /// Told: somebody listens to a characteristic, or nobody does.
        Subscribed = 3,
    }
}
