//! `cargo xtask soak`: a shell that opens and closes programs, for as long as it is told.

use crate::packages::{DISPLAY, TEST, WINDOW, ensure};
use crate::step::{cargo, say, step};
use crate::test;
use anyhow::{Context, Result, bail};

/// Length of the run, and the seed of its chance.
#[derive(Debug, PartialEq, Eq)]
struct Soak {
    minutes: u64,
    seed: u64,
}

impl Soak {
    fn parse(arguments: &[&str]) -> Result<Self> {
        let mut soak = Self { minutes: 10, seed: 1 };
        for pair in arguments.chunks(2) {
            let (name, value) = match *pair {
                [name, value] => (name, value),
                _ => bail!("`{}` lacks a number", pair.concat()),
            };
            let number = value
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .with_context(|| format!("`{value}` is no number from 1 up"))?;
            match name {
                "--minutes" => soak.minutes = number,
                "--seed" => soak.seed = number,
                _ => bail!("`{name}` is neither --minutes nor --seed"),
            }
        }
        Ok(soak)
    }
}

/// Builds the shell as the tests have it, and lets the soak test run.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let Soak { minutes, seed } = Soak::parse(arguments)?;
    ensure("The tests", &[WINDOW, DISPLAY, TEST].concat())?;
    let shell = test::build()?;
    step(
        &format!("Opening and closing programs for {minutes} minutes, with the seed {seed}"),
        cargo(&["test", "--workspace", "--test", "soak", "--", "--nocapture"])
            .env("PORTICO_BIN", shell)
            .env("PORTICO_SOAK_MINUTES", minutes.to_string())
            .env("PORTICO_SOAK_SEED", seed.to_string()),
    )?;
    say("\nNothing was left behind.");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn minutes_and_seed_can_be_told() {
        assert_eq!(Soak::parse(&[]).unwrap(), Soak { minutes: 10, seed: 1 });
        let told = ["--seed", "7", "--minutes", "3"];
        assert_eq!(Soak::parse(&told).unwrap(), Soak { minutes: 3, seed: 7 });
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--hours", "1"], &["3"]] {
            assert!(Soak::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
