//! How long it takes from a post by another thread until the program runs on, beside a bare hand-over between two threads.

use super::host::{PATIENCE, Running, kernel};
use crate::Bench;
use crate::measure::interleaved;
use crate::table::{Row, Target, Unit};
use anyhow::{Context, Result};
use portico_kernel::LoadOptions;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

const ROUNDS: usize = 1_001;
/// Long enough for the other thread to be asleep.
const PAUSE: Duration = Duration::from_micros(300);

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let kernel = kernel(None)?;
    let program = kernel.load(
        &wat::parse_str(include_str!("../programs/waiting.wat"))?,
        &LoadOptions::default(),
    )?;
    let running = Running::start(&kernel, &program)?;
    let waker = running
        .wakers
        .recv_timeout(PATIENCE)
        .context("the program does not start")?;
    running
        .laps
        .recv_timeout(PATIENCE)
        .context("the program does not start")?;
    let post = || {
        std::thread::sleep(PAUSE);
        let posted = Instant::now();
        waker.ready();
        let lap = running
            .laps
            .recv_timeout(PATIENCE)
            .context("the program does not wake up")?;
        Ok(lap.duration_since(posted).as_secs_f64())
    };
    let bare = Bare::start();
    let (portico, native) = interleaved(ROUNDS, post, || bare.hand_over())?;
    bare.end();
    running.stop()?;
    Ok(vec![Row {
        what: "wake-up by another thread".to_owned(),
        unit: Unit::Seconds,
        portico,
        native: Some(native),
        target: Target {
            ratio: Some(1.5),
            ..Target::default()
        },
    }])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Go,
    End,
}

/// A thread that waits on a condition variable.
struct Bare {
    door: Arc<(Mutex<Said>, Condvar)>,
    laps: Receiver<Instant>,
}

impl Bare {
    fn start() -> Self {
        let door = Arc::new((Mutex::new(Said::Nothing), Condvar::new()));
        let (send, laps) = channel();
        let inside = Arc::clone(&door);
        std::thread::spawn(move || {
            let (said, changed) = &*inside;
            loop {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                while *said == Said::Nothing {
                    said = changed.wait(said).unwrap_or_else(PoisonError::into_inner);
                }
                let now = Instant::now();
                if *said == Said::End || send.send(now).is_err() {
                    return;
                }
                *said = Said::Nothing;
            }
        });
        Self { door, laps }
    }

    fn say(&self, word: Said) {
        *self.door.0.lock().unwrap_or_else(PoisonError::into_inner) = word;
        self.door.1.notify_one();
    }

    fn hand_over(&self) -> Result<f64> {
        std::thread::sleep(PAUSE);
        let posted = Instant::now();
        self.say(Said::Go);
        let lap = self
            .laps
            .recv_timeout(PATIENCE)
            .context("the thread does not wake up")?;
        Ok(lap.duration_since(posted).as_secs_f64())
    }

    fn end(&self) {
        self.say(Said::End);
    }
}
