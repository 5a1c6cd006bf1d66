//! Writes pictures as numbered PNG files, on a thread of its own.

use crate::whole;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use portico_portals::Frame;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

/// Pictures that wait for the disk before the program has to.
const MOST_WAITING: usize = 4;

/// Why frames can't be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", .path.display())]
pub struct FrameError {
    path: PathBuf,
    why: String,
}

impl FrameError {
    fn new(path: &Path, why: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

/// A picture without its alpha, rows top down.
pub(super) struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    pub(super) fn of(frame: &Frame<'_>) -> Self {
        let mut rgb = Vec::with_capacity(frame.width as usize * frame.height as usize * 3);
        for row in frame.pixels.chunks(frame.stride as usize).take(frame.height as usize) {
            let row = row.get(..frame.width as usize * 4).unwrap_or(row);
            rgb.extend(row.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]));
        }
        Self {
            width: frame.width,
            height: frame.height,
            rgb,
        }
    }

    fn write(&self, path: &Path) -> Result<(), FrameError> {
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
            .write_image(&self.rgb, self.width, self.height, ExtendedColorType::Rgb8)
            .map_err(|error| FrameError::new(path, error))?;
        whole::replace_soon(path, &png).map_err(|error| FrameError::new(path, error))
    }
}

/// Writes `000001.png` and so on into a directory.
pub struct FrameWriter {
    queue: mpsc::SyncSender<Picture>,
    thread: JoinHandle<Result<(), FrameError>>,
    directory: PathBuf,
}

impl FrameWriter {
    /// Writes into `directory`, which is made if it is not there.
    ///
    /// # Errors
    /// When it can't be made, or there is no thread.
    pub fn new(directory: &Path) -> Result<Self, FrameError> {
        std::fs::create_dir_all(directory).map_err(|error| FrameError::new(directory, error))?;
        let (queue, pictures) = mpsc::sync_channel::<Picture>(MOST_WAITING);
        let into = directory.to_owned();
        let work = move || {
            pictures
                .iter()
                .zip(1u64..)
                .try_for_each(|(picture, number)| picture.write(&into.join(format!("{number:06}.png"))))
        };
        let thread = std::thread::Builder::new()
            .name("frames".into())
            .spawn(work)
            .map_err(|error| FrameError::new(directory, error))?;
        Ok(Self {
            queue,
            thread,
            directory: directory.to_owned(),
        })
    }

    /// Hands a picture over; waits while too many are under way.
    pub(super) fn write(&self, picture: Picture) {
        // A thread that has failed says so at the end.
        let _ = self.queue.send(picture);
    }

    /// Waits until everything is written.
    pub(super) fn finish(self) -> Result<(), FrameError> {
        drop(self.queue);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(FrameError::new(&self.directory, "the thread that writes frames failed")))
    }
}
