//! Words of the HUD's own entries, in the user's language: the model finds entries by them, and the owner of the model brings
//! them along.

use super::{ShellAction, WindowModel};

/// The words for what the HUD lists by itself.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// Words of an action of the shell, as it would act on a window now.
    pub shell_action: fn(ShellAction, &WindowModel) -> ShellActionText,
    /// Effect of choosing a window.
    pub switch_to: fn() -> &'static str,
    /// Effect of choosing a typed reference.
    pub open_typed: fn(&str) -> String,
}

/// An action of the shell, as the HUD shows and finds it.
#[derive(Clone, Copy, Debug)]
pub struct ShellActionText {
    /// Its name.
    pub name: &'static str,
    /// Its description.
    pub description: &'static str,
    /// Words that find it, with commas between them.
    pub tags: &'static str,
}

impl ShellActionText {
    /// Words that find it.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty())
    }
}
