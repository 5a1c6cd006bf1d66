//! Scripts of input for runs without a window system: an event a line, its milliseconds since the start first.
//!
//! ```text
//! # A comment.
//! 120 key 44 1 0
//! 200 cursor 10.5 20 pressed 0
//! 250 cursor 10.5 20 scrolled 0 -3
//! 300 text Saluton
//! 400 resize 640 480
//! 500 action Save
//! 600 screenshot window.png
//! 700 close
//! ```

use portico_abi::{CursorKind, KeyState};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A script that was understood to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script(pub Vec<Step>);

/// One line of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Milliseconds since the program's start.
    pub millis: u32,
    /// What happens then.
    pub input: Input,
}

impl Step {
    /// Time since the program's start.
    pub fn at(&self) -> Duration {
        Duration::from_millis(self.millis.into())
    }
}

/// Something that a user does.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key.
    Key {
        /// USB HID usage id of page 7.
        code: u16,
        /// Released 0, pressed 1, repeated 2.
        state: KeyState,
        /// Modifier bits: 1 shift, 2 control, 4 alt, 8 logo.
        modifiers: u8,
    },
    /// Text is committed.
    Text(String),
    /// The pointer, a button of it, a wheel, or a finger.
    Cursor {
        /// Pixels of the program's last frame.
        x: f32,
        /// Pixels of the program's last frame.
        y: f32,
        /// What happens there.
        kind: CursorKind,
        /// Button of a press or release; which finger for a touch; else 0.
        number: u16,
        /// Lines scrolled, else 0.
        dx: f32,
        /// Lines scrolled away from the user, else 0.
        dy: f32,
    },
    /// The framebuffer area gets another size, in display pixels.
    Resize(u32, u32),
    /// The HUD action of that name is chosen.
    Action(String),
    /// A picture of the window, with the chrome, is written to this PNG file.
    Screenshot(PathBuf),
    /// The window is closed: the program has two seconds left.
    Close,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Names of what a cursor does, as scripts have them.
const KINDS: [(&str, CursorKind); 10] = [
    ("moved", CursorKind::Moved),
    ("pressed", CursorKind::Pressed),
    ("released", CursorKind::Released),
    ("scrolled", CursorKind::Scrolled),
    ("entered", CursorKind::Entered),
    ("left", CursorKind::Left),
    ("touch-began", CursorKind::TouchBegan),
    ("touch-moved", CursorKind::TouchMoved),
    ("touch-ended", CursorKind::TouchEnded),
    ("touch-cancelled", CursorKind::TouchCancelled),
];

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut steps: Vec<Step> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let start = line.trim_start();
            if start.is_empty() || start.starts_with('#') {
                continue;
            }
            let fail = |what| ScriptError { line: index + 1, what };
            let step = step(start).map_err(fail)?;
            if steps.last().is_some_and(|last| last.millis > step.millis) {
                return Err(fail(format!("{} ms lies before the line above", step.millis)));
            }
            steps.push(step);
        }
        Ok(Self(steps))
    }
}

fn step(line: &str) -> Result<Step, String> {
    let (millis, rest) = line.split_once(' ').unwrap_or((line, ""));
    let millis = number(millis, "milliseconds")?;
    let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut words = Words(rest.split_whitespace());
    let input = match verb {
        "key" => Input::Key {
            code: words.number("the key's code")?,
            state: key_state(words.number("the key's state")?)?,
            modifiers: modifiers(words.number("the modifiers")?)?,
        },
        "text" => {
            return Ok(Step {
                millis,
                input: Input::Text(rest.to_owned()),
            });
        }
        "cursor" => cursor(&mut words)?,
        "resize" => Input::Resize(side(words.number("the width")?)?, side(words.number("the height")?)?),
        "action" if rest.is_empty() => return Err("the action's name is missing".into()),
        "action" => {
            return Ok(Step {
                millis,
                input: Input::Action(rest.to_owned()),
            });
        }
        "screenshot" if rest.is_empty() => return Err("the picture's file is missing".into()),
        "screenshot" => {
            return Ok(Step {
                millis,
                input: Input::Screenshot(rest.into()),
            });
        }
        "close" => Input::Close,
        "" => return Err("the event is missing".into()),
        other => {
            return Err(format!(
                "`{other}` is no event; there are key, text, cursor, resize, action, screenshot and close"
            ));
        }
    };
    match words.0.next() {
        None => Ok(Step { millis, input }),
        Some(extra) => Err(format!("`{extra}` is one word too many")),
    }
}

struct Words<'a>(std::str::SplitWhitespace<'a>);

impl Words<'_> {
    fn number<T: FromStr>(&mut self, what: &str) -> Result<T, String> {
        number(self.0.next().ok_or_else(|| format!("{what} is missing"))?, what)
    }

    fn finite(&mut self, what: &str) -> Result<f32, String> {
        let number: f32 = self.number(what)?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(format!("{what} is not a finite number"))
        }
    }
}

fn number<T: FromStr>(word: &str, what: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("`{word}` is not a number that {what} can be"))
}

fn key_state(state: u8) -> Result<KeyState, String> {
    match state {
        0 => Ok(KeyState::Released),
        1 => Ok(KeyState::Pressed),
        2 => Ok(KeyState::Repeated),
        _ => Err(format!(
            "a key's state is 0 (released), 1 (pressed) or 2 (repeated), not {state}"
        )),
    }
}

fn modifiers(bits: u8) -> Result<u8, String> {
    if bits < 16 {
        Ok(bits)
    } else {
        Err(format!(
            "modifiers are bits 1, 2, 4 and 8 (shift, control, alt, logo), not {bits}"
        ))
    }
}

fn side(pixels: u32) -> Result<u32, String> {
    if (1..=16_384).contains(&pixels) {
        Ok(pixels)
    } else {
        Err(format!("a window's side is 1 to 16384, not {pixels}"))
    }
}

fn cursor(words: &mut Words<'_>) -> Result<Input, String> {
    let (x, y) = (words.finite("x")?, words.finite("y")?);
    let name = words.0.next().ok_or("what the cursor does is missing")?;
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = KINDS.iter().map(|(known, _)| *known).collect();
        return Err(format!(
            "`{name}` is nothing that a cursor does; there are {}",
            known.join(", ")
        ));
    };
    let kind = *kind;
    let (mut number, mut dx, mut dy) = (0, 0.0, 0.0);
    match kind {
        CursorKind::Pressed | CursorKind::Released => {
            number = words.number("the button")?;
            if number > 4 {
                return Err(format!(
                    "a button is 0 to 4 (left, right, middle, back, forward), not {number}"
                ));
            }
        }
        CursorKind::Scrolled => (dx, dy) = (words.finite("dx")?, words.finite("dy")?),
        CursorKind::Moved | CursorKind::Entered | CursorKind::Left => {}
        _ => number = words.number("the finger")?,
    }
    Ok(Input::Cursor {
        x,
        y,
        kind,
        number,
        dx,
        dy,
    })
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.millis)?;
        match &self.input {
            Input::Key { code, state, modifiers } => write!(f, "key {code} {} {modifiers}", *state as u8),
            Input::Text(text) => write!(f, "text {text}"),
            Input::Cursor {
                x,
                y,
                kind,
                number,
                dx,
                dy,
            } => {
                let name = KINDS
                    .iter()
                    .find(|(_, known)| known == kind)
                    .map_or("moved", |(name, _)| name);
                write!(f, "cursor {x} {y} {name}")?;
                match kind {
                    CursorKind::Scrolled => write!(f, " {dx} {dy}"),
                    CursorKind::Moved | CursorKind::Entered | CursorKind::Left => Ok(()),
                    _ => write!(f, " {number}"),
                }
            }
            Input::Resize(width, height) => write!(f, "resize {width} {height}"),
            Input::Action(name) => write!(f, "action {name}"),
            Input::Screenshot(file) => write!(f, "screenshot {}", file.display()),
            Input::Close => f.write_str("close"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn fails(text: &str) -> String {
        text.parse::<Script>().unwrap_err().to_string()
    }

    #[test]
    fn the_example_of_the_documentation() {
        let text = "# A comment.\n\n120 key 44 1 0\r\n200 cursor 10.5 20 pressed 0\n250 cursor 1 2 scrolled 0 -3\n\
                    300 text  Saluton, mondo \n400 resize 640 480\n500 action Save as …\n600 screenshot a b.png\n\
                    700 close\n";
        let Script(steps) = text.parse().unwrap();
        assert_eq!(steps.len(), 8);
        assert_eq!(
            steps[0],
            Step {
                millis: 120,
                input: Input::Key {
                    code: 44,
                    state: KeyState::Pressed,
                    modifiers: 0
                }
            }
        );
        let (x, y, kind) = (1.0, 2.0, CursorKind::Scrolled);
        assert_eq!(
            steps[2].input,
            Input::Cursor {
                x,
                y,
                kind,
                number: 0,
                dx: 0.0,
                dy: -3.0
            }
        );
        assert_eq!(steps[3].input, Input::Text(" Saluton, mondo ".into()));
        assert_eq!(steps[5].input, Input::Action("Save as …".into()));
        assert_eq!(steps[6].input, Input::Screenshot("a b.png".into()));
        assert_eq!(steps[7].at(), Duration::from_millis(700));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        assert_eq!(
            fails("0 close\nsoon close"),
            "line 2: `soon` is not a number that milliseconds can be"
        );
        assert_eq!(fails("1 key 4 1"), "line 1: the modifiers is missing");
        assert!(fails("1 key 4 3 0").contains("state is 0"));
        assert!(fails("1 key 4 1 16").contains("bits 1, 2, 4 and 8"));
        assert!(fails("1 cursor 1 NaN moved").contains("finite"));
        assert!(fails("1 cursor 1 1 jumped").contains("`jumped`"));
        assert!(fails("1 cursor 1 1 pressed 5").contains("0 to 4"));
        assert!(fails("1 resize 0 1").contains("1 to 16384"));
        assert!(fails("1 resize 10 10 10").contains("one word too many"));
        assert!(fails("1 dance").contains("`dance` is no event"));
        assert!(fails("1").contains("event is missing"));
        assert!(fails("1 action").contains("name is missing"));
        assert!(fails("1 screenshot").contains("file is missing"));
        assert_eq!(
            fails("5 close\n# then\n4 close"),
            "line 3: 4 ms lies before the line above"
        );
    }

    fn inputs() -> impl Strategy<Value = Input> {
        let finite = || prop::num::f32::NORMAL | prop::num::f32::ZERO;
        prop_oneof![
            (any::<u16>(), 0u8..3, 0u8..16).prop_map(|(code, state, modifiers)| Input::Key {
                code,
                state: key_state(state).unwrap(),
                modifiers
            }),
            "[^\r\n]{0,20}".prop_map(Input::Text),
            "[^\r\n]{1,20}".prop_map(Input::Action),
            "[^\r\n]{1,20}".prop_map(|file| Input::Screenshot(file.into())),
            (1u32..=16_384, 1u32..=16_384).prop_map(|(width, height)| Input::Resize(width, height)),
            Just(Input::Close),
            (finite(), finite(), 0usize..10, 0u16..5, finite(), finite()).prop_map(|(x, y, kind, n, dx, dy)| {
                let kind = KINDS[kind].1;
                let scrolled = kind == CursorKind::Scrolled;
                let plain = matches!(kind, CursorKind::Moved | CursorKind::Entered | CursorKind::Left);
                let number = if scrolled || plain { 0 } else { n };
                let (dx, dy) = if scrolled { (dx, dy) } else { (0.0, 0.0) };
                Input::Cursor {
                    x,
                    y,
                    kind,
                    number,
                    dx,
                    dy,
                }
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(mut steps in prop::collection::vec((any::<u32>(), inputs()), 0..20)) {
            steps.sort_by_key(|(millis, _)| *millis);
            let script = Script(steps.into_iter().map(|(millis, input)| Step { millis, input }).collect());
            prop_assert_eq!(script.to_string().parse::<Script>().unwrap(), script);
        }

        #[test]
        fn anything_is_read_or_refused(text in "(.|\n){0,200}") {
            let _ = text.parse::<Script>();
        }

        #[test]
        fn anything_like_a_script_is_read_or_refused(text in "([0-9]{1,11} (key|text|cursor|resize|action|screenshot|close)( [-0-9a-z.]{1,5}){0,6}\n){0,5}") {
            let _ = text.parse::<Script>();
        }
    }
}
