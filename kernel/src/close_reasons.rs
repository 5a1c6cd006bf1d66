//! Reasons why the host has closed channels of a process.

use crate::fault::Failure;
use std::collections::VecDeque;

/// How many closed channels are remembered.
const REMEMBERED: usize = 1024;

/// The last channels that the host has closed, newest last.
#[derive(Debug, Default)]
pub(crate) struct CloseReasons(VecDeque<(u32, Failure)>);

impl CloseReasons {
    /// Adds one, in place of the oldest where there are too many.
    pub(crate) fn remember(&mut self, id: u32, failure: Failure) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((id, failure));
    }

    /// Finds the reason for which the last channel with this id was closed.
    pub(crate) fn find(&self, id: u32) -> Option<&Failure> {
        self.0
            .iter()
            .rev()
            .find(|(closed, _)| *closed == id)
            .map(|(_, failure)| failure)
    }
}
