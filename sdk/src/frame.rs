//! The picture in the window: command 35.

use crate::channel::{Channel, Fixed};
use crate::error::Error;
use crate::host;
use crate::runtime;
pub use portico_abi::Scale;
use portico_abi::{Frame, which};

/// A colour as a pixel: 8 bits each, sRGB.
pub const fn rgb(red: u8, green: u8, blue: u8) -> u32 {
    u32::from_le_bytes([red, green, blue, 255])
}

/// The program's picture, and its way to the screen.
///
/// The window opens with the first frame and takes its size. Nothing is allocated for a frame.
///
/// ```
/// use portico_sdk::frame::{Screen, rgb};
///
/// let mut screen = Screen::new(4, 2);
/// for (y, row) in screen.rows().enumerate() {
///     row.fill(rgb(255, 128 * y as u8, 0));
/// }
/// assert_eq!(screen.pixels()[4..], [rgb(255, 128, 0); 4]);
/// ```
pub struct Screen {
    width: u32,
    height: u32,
    scale: Scale,
    pixels: Vec<u32>,
    channel: Option<Channel<Fixed<Frame>>>,
}

impl Screen {
    /// A black picture. Sides are 1 to 16,384 pixels; others are brought into that range.
    pub fn new(width: u32, height: u32) -> Self {
        let mut screen = Self {
            width: 0,
            height: 0,
            scale: Scale::Fit,
            pixels: Vec::new(),
            channel: None,
        };
        screen.resize(width, height);
        screen
    }

    /// Pixels a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Makes the picture another size, and black. The one on the screen stays until the next is shown.
    pub fn resize(&mut self, width: u32, height: u32) {
        let (width, height) = (width.clamp(1, Frame::MAX_SIDE), height.clamp(1, Frame::MAX_SIDE));
        if (width, height) != (self.width, self.height) {
            let pixels = vec![rgb(0, 0, 0); width as usize * height as usize];
            // A frame that was sent may not have been read yet.
            runtime::keep(std::mem::replace(&mut self.pixels, pixels));
            (self.width, self.height) = (width, height);
        }
    }

    /// How the picture fills its window.
    pub fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    /// The pixels, rows top down, each as [`rgb`] makes it.
    pub fn pixels(&mut self) -> &mut [u32] {
        &mut self.pixels
    }

    /// The rows of pixels, top down.
    pub fn rows(&mut self) -> impl Iterator<Item = &mut [u32]> {
        self.pixels.chunks_exact_mut(self.width as usize)
    }

    /// Shows the picture. Ready when it is on the screen: that paces the program at the display's rate.
    ///
    /// # Errors
    /// Why the host does not show it; the next one is tried anew.
    pub async fn show(&mut self) -> Result<(), Error> {
        let frame = Frame {
            width: self.width.into(),
            height: self.height.into(),
            stride: (self.width * 4).into(),
            scale: self.scale.number().into(),
            pixels: host::address(self.pixels.as_ptr()).into(),
        };
        match &mut self.channel {
            Some(channel) => {
                channel.with(|message| message.0 = frame);
                channel.send_or_open(which::FRAME);
                channel.ready().await
            }
            None => {
                self.channel
                    .insert(Channel::open(which::FRAME, Fixed(frame)))
                    .ready()
                    .await
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        runtime::keep(std::mem::take(&mut self.pixels));
    }
}
