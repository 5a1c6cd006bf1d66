//! `cargo xtask bench`: one table, Portico beside a plain native program and bare libraries, measured in the same run.
//!
//! Figures of a busy machine are worth little, ratios are worth more: both sides are measured in turns, and medians count.

#[cfg(target_os = "linux")]
mod broker;
mod hud;
mod kernel;
mod log;
mod measure;
mod proc;
mod screen;
mod size;
mod table;

use anyhow::{Context, Result, bail};
use clap::Parser;
use std::io::Write;
use std::path::{Path, PathBuf};
use table::{Line, Row, head};

/// Measures Portico against plain native programs.
#[derive(Parser)]
struct Arguments {
    /// Measure only groups of rows whose name has this in it, for example `key`.
    #[arg(long)]
    only: Option<String>,
}

/// What measurements have in common.
pub(crate) struct Bench {
    /// The shell.
    portico: PathBuf,
    /// The native program.
    native: PathBuf,
    /// Where the example programs are.
    examples: PathBuf,
}

impl Bench {
    fn new() -> Result<Self> {
        let here = std::env::current_exe()?;
        let built = here.parent().context("the benchmarks lie nowhere")?;
        let target = built.parent().context("there is no target directory")?;
        let beside = |name: &str| {
            let path = built.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            if !path.exists() {
                bail!("there is no {}: `cargo xtask bench` builds it", path.display());
            }
            Ok(path)
        };
        Ok(Self {
            portico: beside("portico")?,
            native: beside("native")?,
            examples: target.join("examples"),
        })
    }

    /// An example program.
    fn example(&self, name: &str) -> Result<PathBuf> {
        let path = self.examples.join(format!("{name}.wasm"));
        if !Path::new(&path).exists() {
            bail!("there is no {}: `cargo xtask bench` builds it", path.display());
        }
        Ok(path)
    }
}

/// Takes the figures of one or more rows.
type Measure = fn(&Bench) -> Result<Vec<Row>>;

/// Everything that is measured, in the order of the table.
const ROWS: &[(&str, Measure)] = &[
    ("ar()", kernel::calls::measure),
    ("wake-up", kernel::wake::measure),
    ("compiling", kernel::compile::measure),
    ("second start of a process", kernel::start::measure),
    ("first frame", screen::launch::plasma),
    ("home", screen::launch::home),
    ("one more window", screen::launch::another),
    ("key press, static", screen::keys::at_rest),
    ("key press, animating", screen::keys::animating),
    ("key press, beside large frames", screen::keys::beside_large_frames),
    ("HUD key, beside large frames", screen::keys::hud_beside_large_frames),
    ("key press in the HUD", hud::measure),
    ("log of 10 million lines", log::measure),
    ("CPU of a frame", screen::frames::cost),
    ("memory of windows", screen::memory::windows),
    ("memory of idle processes", kernel::idle::measure),
    ("20 animated windows", screen::many::animated),
    ("5 idle windows", screen::many::idle),
    ("size", size::measure),
    #[cfg(target_os = "linux")]
    ("broker: there and back", broker::trip),
    #[cfg(target_os = "linux")]
    ("broker: one way beside NATS", broker::beside_nats),
    #[cfg(target_os = "linux")]
    ("broker: one way beside redis", broker::beside_redis),
    #[cfg(target_os = "linux")]
    ("broker: CPU of a message", broker::cost),
    #[cfg(target_os = "linux")]
    ("broker: 1 MiB", broker::long),
    #[cfg(target_os = "linux")]
    ("broker: memory", broker::memory),
];

fn main() -> Result<()> {
    let Arguments { only } = Arguments::parse();
    let bench = Bench::new()?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", head())?;
    for (what, measure) in ROWS {
        if only.as_ref().is_some_and(|only| !what.contains(only.as_str())) {
            continue;
        }
        let lines = match measure(&bench) {
            Ok(rows) => rows.into_iter().map(Line::Row).collect(),
            Err(error) => vec![Line::Skipped {
                what: (*what).to_owned(),
                why: format!("{error:#}"),
            }],
        };
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
