//! Timers: command 46.

use crate::channel::{Channel, Fixed};
use crate::error::Error;
use crate::events::{Events, Source};
use crate::host;
use crate::runtime::{Message, Next, Queue};
use portico_abi::which;
use std::time::Duration;

/// A tick of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// How many were due since the last one, at least 1.
    pub ticks: u32,
    /// The program's clock: time since it started.
    pub at: Duration,
}

struct Ticks {
    message: portico_abi::Timer,
    queue: Queue<Tick>,
}

impl Message for Ticks {
    fn prepare(&mut self) -> u32 {
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        self.queue.push(tick(&self.message));
        Next::Ready
    }
}

impl Source<Tick> for Ticks {
    fn pop(&mut self) -> Option<Tick> {
        self.queue.pop()
    }
}

fn tick(message: &portico_abi::Timer) -> Tick {
    Tick {
        ticks: message.ticks.get(),
        at: Duration::from_micros(message.micros.get()),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Ticks every `period` (at least a microsecond), the first time after one.
pub fn every(period: Duration) -> Events<Tick> {
    let period = micros(period).max(1);
    let message = portico_abi::Timer {
        first: period.into(),
        period: period.into(),
        ..Default::default()
    };
    Events::open(
        which::TIMER,
        Ticks {
            message,
            queue: Queue::new(16),
        },
    )
}

/// Waits. Gives the program's clock: time since it started.
///
/// # Errors
/// Why the host did not answer.
pub async fn sleep(duration: Duration) -> Result<Duration, Error> {
    let message = portico_abi::Timer {
        first: micros(duration).into(),
        ..Default::default()
    };
    let channel = Channel::open(which::TIMER, Fixed(message));
    channel.ready().await?;
    Ok(channel.with(|message| tick(&message.0).at))
}

/// The program's clock: time since it started.
///
/// # Errors
/// Why the host did not answer.
pub async fn now() -> Result<Duration, Error> {
    sleep(Duration::ZERO).await
}
