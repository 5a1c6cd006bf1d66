//! The input method: its text goes to the model, which turns it on and off and says where the caret is.

use super::native::{self, Native};
use super::{Context, ShellWindow};
use crate::backend::{ImeEvent, PhysicalPosition, PhysicalSize};
use portico_model::{Event, ImeStatus, ShellEffect, TextInput};
use portico_surface::{Placement, Rect};
use std::time::Duration;

/// How long text that an input method gave away before it was turned off may still come on Wayland, where nobody says that it
/// has heard of that. X servers do: nothing comes after.
const LATE_ON_WAYLAND: Duration = Duration::from_millis(100);

/// Whether the window system says when an input method is on or off. Others turn it on and off at once.
const IS_TOLD: bool = cfg!(all(unix, not(target_vendor = "apple")));

/// The caret's rectangle in display pixels, which the input method's own window must not cover.
pub(super) type Caret = (PhysicalPosition<i32>, PhysicalSize<u32>);

impl ShellWindow {
    /// The input method says something.
    pub(super) fn ime(&mut self, cx: &mut Context<'_>, event: ImeEvent) -> Vec<ShellEffect> {
        match event {
            ImeEvent::Commit(text) => {
                let widgets = vec![egui::Event::Ime(egui::ImeEvent::Commit(text.clone()))];
                self.apply_input(cx, Event::Commit(text), widgets)
            }
            ImeEvent::Preedit { text, widgets } => self.apply_input(cx, Event::Preedit(text), widgets),
            ImeEvent::Enabled if IS_TOLD => {
                if let Some(native) = &mut self.native {
                    // What it was told while it was off has been lost.
                    native.forget_caret();
                }
                self.apply(cx, Event::Ime(ImeStatus::Enabled))
            }
            ImeEvent::Disabled if IS_TOLD => {
                let late = self.native.as_ref().is_some_and(Native::is_wayland);
                let late = if late { LATE_ON_WAYLAND } else { Duration::ZERO };
                self.apply(cx, Event::Ime(ImeStatus::Disabled { late }))
            }
            ImeEvent::Disabled => self.apply(cx, Event::Preedit(String::new())),
            ImeEvent::Enabled => Vec::new(),
        }
    }

    /// Turns the input method on or off.
    pub(super) fn set_ime(&mut self, cx: &mut Context<'_>, on: bool) -> Vec<ShellEffect> {
        if let Some(native) = &mut self.native {
            native.allow_ime(on);
        }
        // On X11 nothing of before comes once it is on again: that can be asked for at once, and no key is missed meanwhile.
        if IS_TOLD && (on || self.native.as_ref().is_some_and(Native::is_wayland)) {
            return Vec::new();
        }
        let status = if on {
            ImeStatus::Enabled
        } else {
            ImeStatus::Disabled { late: Duration::ZERO }
        };
        self.apply(cx, Event::Ime(status))
    }

    /// What was being composed in the chrome's text field is over: the field hears of it before anything else comes to it.
    pub(super) fn end_composition(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let nothing = egui::ImeEvent::Preedit {
            text: String::new(),
            active_range_chars: None,
        };
        self.chrome_event(cx, egui::Event::Ime(nothing));
        self.run_chrome(cx)
    }

    /// Where the input method's window belongs; `None` where nothing takes text.
    pub(super) fn caret(&self) -> Option<Caret> {
        match self.model.text_input() {
            TextInput::None => None,
            TextInput::Program(caret) => Some(caret_in_window(
                caret,
                self.presenter.placement(),
                native::area(&self.model),
            )),
            TextInput::Chrome => {
                let caret = self.chrome_caret.unwrap_or(egui::Rect::ZERO) * self.model.scale();
                let position = PhysicalPosition::new(caret.min.x as i32, caret.min.y as i32);
                let size = PhysicalSize::new(caret.width().max(1.0) as u32, caret.height().max(1.0) as u32);
                Some((position, size))
            }
        }
    }
}

/// Where an input method's window belongs for a caret in pixels of the frame.
fn caret_in_window(caret: (i16, i16, u16, u16), placement: Option<Placement>, area: Rect) -> Caret {
    let (x, y, width, height) = caret;
    let map = |x: f64, y: f64| match placement {
        Some(placement) => placement.map_to_window(x, y),
        None => (x + f64::from(area.x), y + f64::from(area.y)),
    };
    let (left, top) = map(x.into(), y.into());
    let (right, bottom) = map(f64::from(x) + f64::from(width), f64::from(y) + f64::from(height));
    let size = PhysicalSize::new((right - left).max(1.0) as u32, (bottom - top).max(1.0) as u32);
    (PhysicalPosition::new(left as i32, top as i32), size)
}

/// What is told of a caret to a window system that takes no more than a point (X11): the lower edge of its line, below which the
/// input method puts its window.
pub(super) fn caret_bottom((position, size): Caret) -> Caret {
    let height = i32::try_from(size.height).unwrap_or(i32::MAX);
    (
        PhysicalPosition::new(position.x, position.y.saturating_add(height)),
        PhysicalSize::new(size.width, 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_follows_the_picture() {
        let area = Rect::new(0, 40, 640, 400);
        let placement = Placement::new(320, 200, portico_portals::Scale::Fit, area);
        let (position, size) = caret_in_window((10, 20, 2, 16), Some(placement), area);
        assert_eq!((position.x, position.y, size.width, size.height), (20, 80, 4, 32));
    }

    #[test]
    fn a_point_for_a_caret_is_below_its_line_at_every_scale() {
        for (scale, bottom) in [(1.0, 36), (1.5, 54), (2.0, 72)] {
            let caret = egui::Rect::from_min_size(egui::pos2(10.0, 20.0), egui::vec2(1.0, 16.0)) * scale;
            let position = PhysicalPosition::new(caret.min.x as i32, caret.min.y as i32);
            let size = PhysicalSize::new(caret.width() as u32, caret.height() as u32);
            assert_eq!(
                caret_bottom((position, size)).0,
                PhysicalPosition::new(caret.min.x as i32, bottom)
            );
        }
        let far = caret_bottom((PhysicalPosition::new(0, i32::MAX), PhysicalSize::new(1, u32::MAX)));
        assert_eq!(far.0.y, i32::MAX);
    }
}
