//! Decodes a stranger's PNG or SVG file to pixels. Pure: no files, no fonts, no time limit of its own.
//!
//! The fuzz target has this file as a module of its own: it uses nothing else of the shell.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

/// Size of a picture, by its use, with its side in pixels: sharp at twice its size in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The toolbar and prompts.
    Toolbar = 48,
    /// The window system's lists.
    Window = 64,
    /// Home and the settings.
    Tile = 96,
    /// The desktop's menus.
    Desktop = 128,
}

impl Side {
    /// All of them, in the order in which [`pictures`] has them.
    pub const ALL: [Self; 4] = [Self::Toolbar, Self::Window, Self::Tile, Self::Desktop];

    /// Bytes of such a picture.
    pub const fn bytes(self) -> usize {
        self as usize * self as usize * 4
    }
}

/// Largest icon file that is looked into, in bytes.
const LARGEST: usize = 1 << 20;
/// Longest side of a PNG that is decoded.
const LONGEST: u32 = 1024;

/// Highest opacity of a pixel that counts as empty.
const FAINTEST: u8 = 15;

/// Bytes of the result of [`pictures`].
pub const BYTES: usize = {
    let (mut at, mut sum) = (0, 0);
    while at < Side::ALL.len() {
        sum += Side::ALL[at].bytes();
        at += 1;
    }
    sum
};

/// The icon in all sizes, one after the other: RGBA with straight alpha, [`BYTES`] in all. `None` when it can't be read, or
/// there is nothing to see of it.
/// A hostile file may take any time and much memory: call it in a worker.
pub fn pictures(icon: &[u8]) -> Option<Vec<u8>> {
    if icon.len() > LARGEST {
        return None;
    }
    let pictures = if icon.starts_with(b"\x89PNG") {
        from_png(icon)
    } else {
        from_svg(icon)
    }?;
    let shows = pictures.chunks_exact(4).any(|pixel| pixel[3] > FAINTEST);
    shows.then_some(pictures)
}

fn from_png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    reader.limits(limits);
    let image = reader.decode().ok()?.into_rgba8();
    let mut pictures = Vec::with_capacity(BYTES);
    for side in Side::ALL.map(|side| side as u32) {
        if image.dimensions() == (side, side) {
            pictures.extend_from_slice(image.as_raw());
        } else {
            let sized = image::imageops::resize(&image, side, side, image::imageops::FilterType::CatmullRom);
            pictures.extend_from_slice(sized.as_raw());
        }
    }
    Some(pictures)
}

fn from_svg(bytes: &[u8]) -> Option<Vec<u8>> {
    // An icon can name files, fonts and pictures inside itself, but has no business with them.
    let mut options = usvg::Options::default();
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options.image_href_resolver.resolve_data = Box::new(|_, _, _| None);
    let tree = usvg::Tree::from_data(bytes, &options).ok()?;
    let size = tree.size();
    let mut pictures = Vec::with_capacity(BYTES);
    for side in Side::ALL.map(|side| side as u32) {
        let scale = side as f32 / size.width().max(size.height());
        let mut pixmap = Pixmap::new(side, side)?;
        let (x, y) = (
            (side as f32 - size.width() * scale) / 2.0,
            (side as f32 - size.height() * scale) / 2.0,
        );
        resvg::render(
            &tree,
            Transform::from_scale(scale, scale).post_translate(x, y),
            &mut pixmap.as_mut(),
        );
        for pixel in pixmap.pixels() {
            let colour = pixel.demultiply();
            pictures.extend([colour.red(), colour.green(), colour.blue(), colour.alpha()]);
        }
    }
    Some(pictures)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn svg_and_png_become_pictures_and_the_rest_is_refused() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#f00"/></svg>"##;
        assert_eq!(pictures(svg).unwrap(), [255, 0, 0, 255].repeat(BYTES / 4));
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbaImage::from_pixel(48, 48, image::Rgba([0, 0, 255, 128]))
            .write_to(&mut png, image::ImageFormat::Png)
            .unwrap();
        let from_png = pictures(png.get_ref()).unwrap();
        assert_eq!(from_png.len(), BYTES);
        assert_eq!(from_png[..48 * 48 * 4], [0, 0, 255, 128].repeat(48 * 48));
        assert_eq!(pictures(b"no picture"), None);
        let faint = String::from_utf8_lossy(svg).replace("#f00\"", "#f00\" opacity=\"0.05\"");
        assert_eq!(pictures(faint.as_bytes()), None, "there is nothing to see of it");
        assert_eq!(pictures(&vec![b' '; LARGEST + 1]), None);
    }

    #[test]
    fn pictures_inside_an_icon_and_beside_it_are_left_out() {
        let red = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI4IiBoZWlnaHQ9IjgiPjxyZWN0IHdpZHRoPSI4IiBoZWlnaHQ9IjgiIGZpbGw9IiNmMDAiLz48L3N2Zz4=";
        for href in [
            &*format!("data:image/svg+xml;base64,{red}"),
            "/etc/hostname",
            "file:///etc/hostname",
        ] {
            let svg = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><image width="8" height="8" href="{href}"/></svg>"#
            );
            assert_eq!(pictures(svg.as_bytes()), None, "{href}");
        }
    }
}
