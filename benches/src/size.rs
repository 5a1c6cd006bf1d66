//! How large the shell is that people install: profiles for release strip it.

use crate::Bench;
use crate::table::{Row, Target, Unit};
use anyhow::Result;
use std::fs::metadata;

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let bytes = |path| -> Result<f64> { Ok(metadata(path)?.len() as f64) };
    Ok(vec![Row {
        what: "size of the stripped binary".to_owned(),
        unit: Unit::Bytes,
        portico: bytes(&bench.portico)?,
        native: Some(bytes(&bench.native)?),
        target: Target {
            most: Some(48.0 * 1024.0 * 1024.0),
            ..Target::default()
        },
    }])
}
