//! A program's icon: the bytes of a PNG or SVG file, which come from a stranger.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

/// Largest icon file that is looked into, in bytes.
const LARGEST: usize = 1 << 20;
/// Longest side of a picture that is decoded.
const LONGEST: u32 = 1024;

/// The icon as `side * side` pixels, RGBA with straight alpha. `None` when it can't be read.
pub(crate) fn pixels(bytes: &[u8], side: u32) -> Option<Vec<u8>> {
    if bytes.len() > LARGEST {
        return None;
    }
    if bytes.starts_with(b"\x89PNG") { png(bytes, side) } else { svg(bytes, side) }
}

fn png(bytes: &[u8], side: u32) -> Option<Vec<u8>> {
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    reader.limits(limits);
    let image = reader.decode().ok()?.into_rgba8();
    if image.dimensions() == (side, side) {
        return Some(image.into_raw());
    }
    Some(image::imageops::resize(&image, side, side, image::imageops::FilterType::CatmullRom).into_raw())
}

fn svg(bytes: &[u8], side: u32) -> Option<Vec<u8>> {
    // No files and no fonts: an icon can name them, but has no business with them.
    let mut options = usvg::Options::default();
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    let tree = usvg::Tree::from_data(bytes, &options).ok()?;
    let size = tree.size();
    let scale = side as f32 / size.width().max(size.height());
    let mut pixmap = Pixmap::new(side, side)?;
    let (x, y) = ((side as f32 - size.width() * scale) / 2.0, (side as f32 - size.height() * scale) / 2.0);
    resvg::render(&tree, Transform::from_scale(scale, scale).post_translate(x, y), &mut pixmap.as_mut());
    let straight = pixmap.pixels().iter().flat_map(|pixel| {
        let colour = pixel.demultiply();
        [colour.red(), colour.green(), colour.blue(), colour.alpha()]
    });
    Some(straight.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_svg_and_png_and_refuses_the_rest() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#f00"/></svg>"##;
        let red = pixels(svg, 4).unwrap();
        assert_eq!(red, [255, 0, 0, 255].repeat(16));
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbaImage::from_pixel(2, 2, image::Rgba([0, 0, 255, 128]))
            .write_to(&mut png, image::ImageFormat::Png)
            .unwrap();
        assert_eq!(pixels(png.get_ref(), 2).unwrap(), [0, 0, 255, 128].repeat(4));
        assert_eq!(pixels(png.get_ref(), 4).unwrap().len(), 64);
        assert_eq!(pixels(b"no picture", 4), None);
        assert_eq!(pixels(&vec![b' '; LARGEST + 1], 4), None);
    }
}
