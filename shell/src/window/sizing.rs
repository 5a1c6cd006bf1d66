//! A window's size: whose wish it is (the program's, the shell's, or the user's, which is remembered), and what it is on a
//! display of another scale.
//!
//! A size is kept in points, and its display pixels are computed from them whenever the scale changes: so it is the same again
//! when a scale comes back, whatever was rounded or had no room meanwhile.

use super::native::toolbar_pixels;
use crate::backend::{LogicalSize, PhysicalSize};
use crate::state::Size;
use portico_model::TOOLBAR_HEIGHT;
use std::time::{Duration, Instant};

/// How long a size has to stay before it counts: a drag passes through many.
const SETTLED: Duration = Duration::from_millis(700);

/// How long after another size was asked for the old one may still be told.
const CROSSED: Duration = Duration::from_secs(2);

/// Smallest window, in points: the toolbar still has room for its buttons.
const SMALLEST: Size = (320.0, 160.0);

/// A size reported by the window system that neither the shell nor the user has asked for.
#[derive(Clone, Copy, Debug)]
enum Stray {
    /// The one that the window has when it does not fill the screen any more: it is of another scale.
    Uncovered,
    /// The one that it had when it was asked for another, told once more by then: both were on their way at the same time.
    Crossed(PhysicalSize<u32>, Instant),
}

/// What is known of the sizes of one window.
#[derive(Clone, Debug)]
pub(super) struct Sizing {
    /// Display pixels a point.
    scale: f64,
    /// The size that it was asked to have last; another one is the user's wish, once it has settled.
    size: Size,
    /// The scale at which it was asked for: there it had room.
    asked_at: f64,
    by_user: bool,
    /// The other size that the window has, in display pixels, and since when, until that has been taken.
    changed: Option<(PhysicalSize<u32>, Instant)>,
    /// Once it has this size, it is asked for its own again.
    stray: Option<Stray>,
}

impl Sizing {
    /// A window that was asked to have this size, `by_user` if that is the size that the user gave it before.
    pub(super) fn new(size: Size, scale: f64, by_user: bool) -> Self {
        Self {
            scale,
            size,
            asked_at: scale,
            by_user,
            changed: None,
            stray: None,
        }
    }

    /// Display pixels a point.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// The size that the window is to have, in points.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    fn ask(&mut self, pixels: PhysicalSize<u32>) {
        (self.size, self.asked_at) = (self.in_points(pixels), self.scale);
    }

    /// The window, which has the size `left`, is asked to be so large instead.
    pub(super) fn change(&mut self, left: PhysicalSize<u32>, pixels: PhysicalSize<u32>, now: Instant) {
        self.ask(pixels);
        self.stray = Some(Stray::Crossed(left, now + CROSSED));
    }

    /// The user wants everything larger or smaller: the window stays as it is, and has another size in points from here on.
    pub(super) fn zoom(&mut self, scale: f64, pixels: PhysicalSize<u32>) {
        self.scale = scale;
        self.changed = None;
        self.ask(pixels);
    }

    /// The display has another scale, and `room` for windows. Returns the display pixels that the window is to have there;
    /// `None` while it is `filling` the screen, which gives it its size then.
    pub(super) fn rescale(
        &mut self,
        scale: f64,
        room: Option<PhysicalSize<u32>>,
        filling: bool,
    ) -> Option<PhysicalSize<u32>> {
        self.scale = scale;
        // It was on its way to a size of the old scale, or to one that has not settled, which is nobody's.
        self.changed = None;
        self.stray = filling.then_some(Stray::Uncovered);
        (!filling).then(|| self.pixels(room))
    }

    /// The window on the screen, which does not fill it, has this size now. Returns the one to ask for, where this one is nobody's
    /// wish. A window that is `focused` may have been given it by its user.
    pub(super) fn note(
        &mut self,
        pixels: PhysicalSize<u32>,
        room: Option<PhysicalSize<u32>>,
        focused: bool,
        now: Instant,
    ) -> Option<PhysicalSize<u32>> {
        let wanted = self.pixels(room);
        let stray = self.stray.take_if(|stray| match *stray {
            Stray::Uncovered => true,
            Stray::Crossed(left, until) => left == pixels && now <= until && !focused,
        });
        if stray.is_some() && wanted != pixels {
            return Some(wanted);
        }
        if near(self.in_points(wanted), self.in_points(pixels)) {
            // A new window on a display with a scale, or one that is tiled first, has another size only for a moment.
            self.changed = None;
        } else if self
            .changed
            .is_none_or(|(last, _)| !near(self.in_points(last), self.in_points(pixels)))
        {
            self.changed = Some((pixels, now));
        }
        None
    }

    /// The size that the user gave the window before has become known: it is asked for from here on.
    pub(super) fn restore(&mut self, pixels: PhysicalSize<u32>) {
        self.ask(pixels);
        self.by_user = true;
    }

    /// Whether the user has given the window its size, now or at an earlier time. One that has not settled does not count yet.
    pub(super) fn is_by_user(&self) -> bool {
        self.by_user
    }

    /// When the size counts, if the user has changed it.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        self.changed.map(|(_, since)| since + SETTLED)
    }

    /// Whether there is a size to remember that has stayed by `now`; once. `None` does not wait for that.
    pub(super) fn take(&mut self, now: Option<Instant>) -> bool {
        let Some((pixels, since)) = self.changed else {
            return false;
        };
        let due = now.is_none_or(|now| now >= since + SETTLED);
        if due {
            self.restore(pixels);
            self.changed = None;
        }
        due
    }

    /// The size in points that [`Sizing::take`] would find, were it not waited for.
    pub(super) fn unsaved(&self) -> Option<Size> {
        let mut then = self.clone();
        then.take(None).then(|| then.size())
    }

    /// The display pixels of the window's size: no more than the screen has room for, or than it had where it was asked for.
    fn pixels(&self, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
        let (width, height) = self.size;
        let wanted: PhysicalSize<u32> = LogicalSize::new(width, height).to_physical(self.scale);
        let Some(room) = room else { return wanted };
        let asked: PhysicalSize<u32> = LogicalSize::new(width, height).to_physical(self.asked_at);
        PhysicalSize::new(
            wanted.width.min(room.width.max(asked.width)),
            wanted.height.min(room.height.max(asked.height)),
        )
    }

    fn in_points(&self, pixels: PhysicalSize<u32>) -> Size {
        pixels.to_logical::<f64>(self.scale).into()
    }
}

/// Whether two sizes are the same: window systems round.
fn near(a: Size, b: Size) -> bool {
    (a.0 - b.0).abs() < 1.0 && (a.1 - b.1).abs() < 1.0
}

/// The smallest size of a window, in display pixels.
pub(super) fn smallest(scale: f64) -> PhysicalSize<u32> {
    LogicalSize::new(SMALLEST.0, SMALLEST.1).to_physical(scale)
}

/// What a new window may take of a screen: some of it is left for panels and other windows.
pub(super) fn room_on(screen: PhysicalSize<u32>) -> PhysicalSize<u32> {
    PhysicalSize::new(screen.width - screen.width / 16, screen.height - screen.height / 16)
}

/// Size of a window with a toolbar and room for a frame, in `room` display pixels. A frame pixel is a display pixel, or the
/// next whole multiple of the display's scale; where that has no room, a point.
pub(super) fn size_for((width, height): (u32, u32), scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    let toolbar = toolbar_pixels(TOOLBAR_HEIGHT, scale);
    // A frame is at most 16,384 pixels a side, and a scale is a small number.
    let times = |times: f64| PhysicalSize::new((f64::from(width) * times) as u32, (f64::from(height) * times) as u32);
    let fits = |size: &PhysicalSize<u32>| {
        room.is_none_or(|room| size.width <= room.width && size.height + toolbar <= room.height)
    };
    let picture = Some(times(scale.ceil().max(1.0)))
        .filter(fits)
        .unwrap_or_else(|| times(scale.max(1.0)));
    within(
        PhysicalSize::new(picture.width, picture.height.saturating_add(toolbar)),
        scale,
        room,
    )
}

/// The size that the user gave a window before, in points, on a display with `room` pixels.
pub(super) fn size_again(given: Size, scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    within(LogicalSize::new(given.0, given.1).to_physical(scale), scale, room)
}

/// A size that leaves no room and is none too small.
fn within(size: PhysicalSize<u32>, scale: f64, room: Option<PhysicalSize<u32>>) -> PhysicalSize<u32> {
    let smallest = smallest(scale);
    let room = room.filter(|room| room.width > smallest.width && room.height > smallest.height);
    let room = room.unwrap_or(PhysicalSize::new(u32::MAX, u32::MAX));
    PhysicalSize::new(
        size.width.clamp(smallest.width, room.width),
        size.height.clamp(smallest.height, room.height),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCREEN: PhysicalSize<u32> = PhysicalSize::new(1600, 1000);

    fn pixels(width: u32, height: u32) -> PhysicalSize<u32> {
        PhysicalSize::new(width, height)
    }

    fn note(sizing: &mut Sizing, size: (u32, u32), now: Instant) {
        assert_eq!(sizing.note(pixels(size.0, size.1), None, false, now), None);
    }

    #[test]
    fn a_size_that_nobody_asked_for_is_the_users() {
        let now = Instant::now();
        let mut sizing = Sizing::new((640.0, 440.0), 2.0, false);
        note(&mut sizing, (1280, 881), now);
        assert!(!sizing.is_by_user() && sizing.settled_at().is_none());
        sizing.ask(pixels(640, 480));
        note(&mut sizing, (640, 480), now);
        assert!(!sizing.is_by_user());
        note(&mut sizing, (642, 480), now);
        assert!(!sizing.take(Some(now)), "a drag may still go on");
        note(&mut sizing, (700, 480), now + SETTLED / 2);
        note(&mut sizing, (701, 480), now + SETTLED);
        assert!(!sizing.take(Some(now + SETTLED)) && !sizing.is_by_user());
        assert!(sizing.take(Some(now + SETTLED * 3 / 2)) && sizing.is_by_user());
        assert_eq!(sizing.size(), (350.0, 240.0));
        assert!(!sizing.take(None), "once");
        note(&mut sizing, (720, 480), now);
        assert!(sizing.take(None), "a window that closes does not wait");
    }

    #[test]
    fn a_size_that_was_told_before_the_wish_was_heard_is_asked_away_once() {
        let now = Instant::now();
        let (old, new) = (pixels(640, 440), pixels(320, 240));
        let mut sizing = Sizing::new((640.0, 440.0), 1.0, false);
        sizing.change(old, new, now);
        note(&mut sizing, (320, 240), now);
        let soon = now + CROSSED / 2;
        assert_eq!(sizing.note(old, None, false, soon), Some(new));
        // A window that has the keyboard is given its size by its user.
        let mut given = Sizing::new((640.0, 440.0), 1.0, false);
        given.change(old, new, now);
        assert_eq!(given.note(old, None, true, soon), None);
        assert!(given.take(Some(soon + SETTLED)) && given.is_by_user());
        // Where it is told once more, somebody means it.
        note(&mut sizing, (640, 440), soon);
        assert!(sizing.take(Some(soon + SETTLED)) && sizing.is_by_user());
        // Much later it is the user's wish at once.
        let mut sizing = Sizing::new((640.0, 440.0), 1.0, false);
        sizing.change(old, new, now);
        note(&mut sizing, (640, 440), now + CROSSED * 2);
        assert!(sizing.settled_at().is_some());
    }

    #[test]
    fn a_size_of_a_moment_is_nobodys() {
        let now = Instant::now();
        let mut sizing = Sizing::new((640.0, 440.0), 1.0, false);
        note(&mut sizing, (320, 220), now);
        note(&mut sizing, (640, 440), now + SETTLED / 2);
        assert!(!sizing.take(Some(now + SETTLED * 2)) && !sizing.is_by_user());
    }

    #[test]
    fn a_size_that_is_restored_is_the_users_but_no_news() {
        let mut sizing = Sizing::new((640.0, 440.0), 1.0, false);
        sizing.restore(pixels(700, 500));
        note(&mut sizing, (700, 500), Instant::now());
        assert!(sizing.is_by_user() && !sizing.take(None));
    }

    #[test]
    fn a_scale_that_changes_is_not_the_users_wish() {
        let now = Instant::now();
        let mut sizing = Sizing::new((641.0, 440.0), 1.0, false);
        assert_eq!(sizing.rescale(1.25, Some(SCREEN), false), Some(pixels(801, 550)));
        // What was on its way to the old size comes late.
        note(&mut sizing, (641, 440), now);
        note(&mut sizing, (801, 550), now);
        assert!(!sizing.take(None) && !sizing.is_by_user());
        assert_eq!(sizing.size(), (641.0, 440.0));
        // Larger than the screen, which is no size of the window's own.
        assert_eq!(sizing.rescale(4.0, Some(SCREEN), false), Some(SCREEN));
        assert_eq!(sizing.note(SCREEN, Some(SCREEN), false, now), None);
        assert!(!sizing.take(None));
        assert_eq!(sizing.rescale(1.0, Some(SCREEN), false), Some(pixels(641, 440)));
        // A window that was larger than the screen all along stays so.
        sizing.restore(pixels(2000, 440));
        assert_eq!(sizing.rescale(2.0, Some(SCREEN), false), Some(pixels(2000, 880)));
        assert_eq!(sizing.rescale(1.0, Some(SCREEN), false), Some(pixels(2000, 440)));
    }

    #[test]
    fn a_zoom_leaves_the_window_as_it_is() {
        let mut sizing = Sizing::new((640.0, 440.0), 1.0, true);
        sizing.zoom(1.25, pixels(640, 440));
        note(&mut sizing, (640, 440), Instant::now());
        assert!(!sizing.take(None));
        assert_eq!((sizing.size(), sizing.scale()), ((512.0, 352.0), 1.25));
    }

    #[test]
    fn a_window_fits_its_first_frame() {
        let size = |frame, scale| size_for(frame, scale, Some(PhysicalSize::new(1920, 1080)));
        assert_eq!(size((640, 400), 1.0), PhysicalSize::new(640, 440));
        assert_eq!(size((640, 400), 1.5), PhysicalSize::new(1280, 860));
        assert_eq!(size((1000, 600), 1.5), PhysicalSize::new(1500, 960));
        assert_eq!(size((640, 400), 2.0), PhysicalSize::new(1280, 880));
        assert_eq!(size((16_384, 16_384), 2.0), PhysicalSize::new(1920, 1080));
        assert_eq!(size((1, 1), 1.0), PhysicalSize::new(320, 160));
    }

    #[test]
    fn a_size_is_given_again_in_points_within_the_screen() {
        let size = |given, scale| size_again(given, scale, Some(PhysicalSize::new(1920, 1080)));
        assert_eq!(size((700.0, 500.0), 1.0), PhysicalSize::new(700, 500));
        assert_eq!(size((641.0 / 1.5, 501.0 / 1.5), 1.5), PhysicalSize::new(641, 501));
        assert_eq!(size((3000.0, 500.0), 1.0), PhysicalSize::new(1920, 500));
        assert_eq!(size((1.0, f64::NAN), 1.0), PhysicalSize::new(320, 160));
    }

    /// A window manager, and a window under it as `native.rs` keeps it.
    struct Managed {
        sizing: Sizing,
        /// The size that the window has on the screen, and the one it gets back when it does not fill that any more.
        pixels: PhysicalSize<u32>,
        own: PhysicalSize<u32>,
        filling: bool,
        resizes: u32,
        now: Instant,
    }

    impl Managed {
        fn new(size: PhysicalSize<u32>, scale: f64) -> Self {
            let sizing = Sizing::new(size.to_logical::<f64>(scale).into(), scale, true);
            Self {
                sizing,
                pixels: size,
                own: size,
                filling: false,
                resizes: 0,
                now: Instant::now(),
            }
        }

        fn configure(&mut self, size: PhysicalSize<u32>) {
            if self.pixels != size {
                self.pixels = size;
                self.resizes += 1;
                if !self.filling
                    && let Some(asked) = self.sizing.note(size, Some(room_on(SCREEN)), true, self.now)
                {
                    self.ask(asked);
                }
            }
        }

        fn ask(&mut self, size: PhysicalSize<u32>) {
            self.own = size;
            self.configure(size);
        }

        fn scale(&mut self, scale: f64) {
            self.resizes = 0;
            if let Some(size) = self.sizing.rescale(scale, Some(room_on(SCREEN)), self.filling) {
                self.ask(size);
            }
            assert!(self.resizes <= 1, "resized {} times", self.resizes);
        }

        fn fill(&mut self, filling: bool) {
            self.filling = filling;
            self.configure(if filling { SCREEN } else { self.own });
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Scale(f64),
        Fill(bool),
        Wait,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (6_u8..=48).prop_map(|twelfths| Step::Scale(f64::from(twelfths) / 12.0)),
            1 => any::<bool>().prop_map(Step::Fill),
            1 => Just(Step::Wait),
        ];
        proptest::collection::vec(step, 0..12)
    }

    proptest! {
        #[test]
        fn a_window_is_as_large_as_before_when_the_scale_comes_back(
            steps in steps(),
            first in 6_u8..=48,
            (width, height) in (320_u32..2400, 160_u32..1600),
        ) {
            let first = f64::from(first) / 12.0;
            let mut window = Managed::new(PhysicalSize::new(width, height), first);
            let remembered = window.sizing.size();
            for step in steps {
                match step {
                    Step::Scale(scale) => window.scale(scale),
                    Step::Fill(filling) => window.fill(filling),
                    Step::Wait => {
                        window.now += SETTLED * 2;
                        prop_assert!(!window.sizing.take(Some(window.now)), "nobody has resized it");
                    }
                }
            }
            window.scale(first);
            window.fill(false);
            prop_assert_eq!(window.pixels, PhysicalSize::new(width, height));
            prop_assert_eq!(window.sizing.size(), remembered);
        }
    }
}
