//! The messages, made of `assets/locales/` when the shell is built.

use super::number::Value;
use super::{Language, language};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
