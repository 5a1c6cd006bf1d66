//! What was typed and the keys that are no text, in the order of the keyboard.

use portico_sdk::keys::{Key, key, modifier};

/// One or the other.
#[derive(Debug)]
pub enum Input {
    /// Text to write.
    Text(String),
    /// A press of a key that writes nothing.
    Key(Key),
}

/// Puts text and keys in order. They come by channels of their own; a key that writes stands among the keys too, and so says
/// where in between its letter belongs.
#[must_use]
pub fn in_order(text: &str, keys: impl Iterator<Item = Key>) -> Vec<Input> {
    let mut letters = text.chars();
    let mut inputs = Vec::new();
    for key in keys.filter(Key::is_down) {
        let writes =
            matches!(key.code, key::A..=key::DIGIT_0 | key::SPACE..=key::SLASH | key::PAD_1..=key::PAD_DECIMAL);
        if writes && key.modifiers & (modifier::CONTROL | modifier::LOGO) == 0 {
            inputs.extend(letters.next().map(|letter| Input::Text(letter.into())));
        } else {
            inputs.push(Input::Key(key));
        }
    }
    inputs.push(Input::Text(letters.as_str().to_owned()));
    inputs
}
