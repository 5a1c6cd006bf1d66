//! What Linux tells of a process: memory, processor time, wake-ups.

use anyhow::{Context, Result};
use std::fs;

/// Bytes of memory, shared pages counted by their part.
pub(crate) fn pss(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let kibibytes = field(&text, "Pss:").context("no such figure")?;
    Ok(kibibytes * 1024.0)
}

/// Bytes of memory that it has had at most, shared pages counted in full.
pub(crate) fn peak(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(field(&text, "VmHWM:").context("no such figure")? * 1024.0)
}

/// Seconds of processor time that all its threads have used, to the nanosecond.
pub(crate) fn cpu(process: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may go away in the middle of this.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        nanoseconds += text
            .split_whitespace()
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(0.0);
    }
    Ok(nanoseconds / 1e9)
}

/// How often its threads have been switched to or from so far.
pub(crate) fn switches(process: u32) -> Result<f64> {
    let mut switches = 0.0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let Ok(text) = fs::read_to_string(task?.path().join("status")) else {
            continue;
        };
        switches += field(&text, "voluntary_ctxt_switches:").unwrap_or(0.0);
        switches += field(&text, "nonvoluntary_ctxt_switches:").unwrap_or(0.0);
    }
    Ok(switches)
}

/// The number after a line's name.
fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
