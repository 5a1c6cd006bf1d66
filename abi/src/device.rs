//! Devices: GPIO (30, 31), sound (32, 33), pictures in and out (34, 35).

use crate::base::List;
use crate::macros::{enums, messages};
use zerocopy::little_endian::{U32, U64};

messages! {
    /// Edges on a GPIO line (command 30).
    struct GpioWatch: 32 {
        /// In: number of the chip.
        0 => chip: U32,
        /// In: number of the line.
        4 => line: U32,
        /// In: rising 1, falling 2, both 3.
        8 => edges: U32,
        /// In: shortest time between two edges, in microseconds.
        12 => debounce_micros: U32,
        /// Out: when, in microseconds since the program started.
        16 => micros: U64,
        /// Out: rising 1, falling 2.
        24 => edge: U32,
        /// Out: number of the edge; a gap shows that some were dropped.
        28 => sequence: U32,
    }

    /// Level of a GPIO line (command 31).
    struct GpioState: 20 {
        /// In: number of the chip.
        0 => chip: U32,
        /// In: number of the line.
        4 => line: U32,
        /// In: input 0, output 1.
        8 => direction: U32,
        /// In and out: the level, 0 or 1.
        12 => value: U32,
        /// In: as is 0, none 1, up 2, down 3.
        16 => bias: U32,
    }

    /// Sound, recorded or played (commands 32 and 33).
    struct Audio: 28 {
        /// In and out: frames a second; 0 here or in `channels` asks for the device's own.
        0 => rate: U32,
        /// In and out: samples a frame; 0 here or in `rate` asks for the device's own.
        4 => channels: U32,
        /// In: number of frames.
        8 => frames: U32,
        /// Address of the interleaved `f32` samples.
        12 => samples: U32,
        /// Out: frames dropped, or played as silence, since the last ready.
        16 => lost: U32,
        /// Out: when, in microseconds since the program started.
        20 => micros: U64,
    }

    /// Pictures of a camera (command 34).
    struct Video: 36 {
        /// In: number of the camera.
        0 => device: U32,
        /// In and out: pixels a row.
        4 => width: U32,
        /// In and out: rows.
        8 => height: U32,
        /// In and out: pictures a second.
        12 => rate: U32,
        /// Out: when, in microseconds since the program started.
        16 => micros: U64,
        /// Out, `List<u8>`: RGBA, 8 bits, rows top down.
        24 => pixels: List,
        /// Out: pictures dropped since the last ready.
        32 => lost: U32,
    }

    /// A picture for the window (command 35): RGBA, 8 bits, sRGB, alpha ignored, rows top down.
    struct Frame: 20 {
        /// Pixels a row, 1 to 16,384.
        0 => width: U32,
        /// Rows, 1 to 16,384.
        4 => height: U32,
        /// Bytes from one row to the next, at least `4 * width`.
        8 => stride: U32,
        /// A [`Scale`].
        12 => scale: U32,
        /// Address of the first pixel.
        16 => pixels: U32,
    }
}

impl Frame {
    /// Longest side in pixels.
    pub const MAX_SIDE: u32 = 16_384;
}

enums! {
    /// How a picture fills its window.
    #[derive(Default)]
    enum Scale: u32 {
        /// As large as fits, with its shape kept.
        #[default]
        Fit = 0,
        /// The same in whole multiples.
        Multiple = 1,
        /// Edge to edge.
        Stretch = 2,
        /// Top left, a pixel a pixel.
        None = 3,
    }

    /// Direction of a GPIO line.
    enum GpioDirection: u32 {
        /// The level is read.
        Input = 0,
        /// The level is set.
        Output = 1,
    }

    /// Bias of a GPIO line.
    enum GpioBias: u32 {
        /// As it is.
        AsIs = 0,
        /// None.
        None = 1,
        /// Pulled up.
        Up = 2,
        /// Pulled down.
        Down = 3,
    }

    /// Edges of a GPIO line.
    enum GpioEdges: u32 {
        /// From 0 to 1.
        Rising = 1,
        /// From 1 to 0.
        Falling = 2,
        /// Both.
        Both = 3,
    }
}
