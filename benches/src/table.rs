//! Table of results: figures of both sides, and their targets.

use std::fmt;

/// A figure with its unit; `None` as a limit means that there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    /// Seconds, shown as ns, µs or ms.
    Seconds,
    /// Bytes, shown as KiB or MiB.
    Bytes,
    /// A number a second.
    PerSecond,
}

impl Unit {
    fn show(self, figure: f64) -> String {
        let (figure, unit) = match self {
            Self::Seconds if figure < 1e-6 => (figure * 1e9, "ns"),
            Self::Seconds if figure < 1e-3 => (figure * 1e6, "µs"),
            Self::Seconds => (figure * 1e3, "ms"),
            Self::Bytes if figure < 1024.0 * 1024.0 => (figure / 1024.0, "KiB"),
            Self::Bytes => (figure / 1024.0 / 1024.0, "MiB"),
            Self::PerSecond if figure < 1e4 => (figure, "/s"),
            Self::PerSecond if figure < 1e6 => (figure / 1e3, "k/s"),
            Self::PerSecond => (figure / 1e6, "M/s"),
        };
        match figure.abs() {
            100.0.. => format!("{figure:.0} {unit}"),
            10.0.. => format!("{figure:.1} {unit}"),
            _ => format!("{figure:.2} {unit}"),
        }
    }
}

/// How far Portico may go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Target {
    /// Most of Portico's figure for one of the native program.
    pub(crate) ratio: Option<f64>,
    /// Most of Portico's figure by itself.
    pub(crate) most: Option<f64>,
    /// Least of Portico's figure for one of the native program.
    pub(crate) at_least: Option<f64>,
    /// Least of Portico's figure by itself.
    pub(crate) least: Option<f64>,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) unit: Unit,
    pub(crate) portico: f64,
    /// The native program's or the bare library's figure, where there is one.
    pub(crate) native: Option<f64>,
    pub(crate) target: Target,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.native
            .filter(|native| *native > 0.0)
            .map(|native| self.portico / native)
    }

    /// Checks every limit. A ratio that could not be taken misses its target.
    pub(crate) fn met(&self) -> bool {
        let Target {
            ratio,
            most,
            at_least,
            least,
        } = self.target;
        let holds = |limit: Option<f64>, value: Option<f64>, within: fn(f64, f64) -> bool| {
            limit.is_none_or(|limit| value.is_some_and(|value| within(value, limit)))
        };
        holds(ratio, self.ratio(), |value, limit| value <= limit)
            && holds(most, Some(self.portico), |value, limit| value <= limit)
            && holds(at_least, self.ratio(), |value, limit| value >= limit)
            && holds(least, Some(self.portico), |value, limit| value >= limit)
    }

    fn target(&self) -> String {
        let Target {
            ratio,
            most,
            at_least,
            least,
        } = self.target;
        let parts = [
            ratio.map(|limit| format!("≤ {limit} ×")),
            most.map(|limit| format!("≤ {}", self.unit.show(limit))),
            at_least.map(|limit| format!("≥ {limit} ×")),
            least.map(|limit| format!("≥ {}", self.unit.show(limit))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A line, or why there is none.
pub(crate) enum Line {
    Row(Row),
    Skipped { what: String, why: String },
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => {
                let native = row
                    .native
                    .map_or_else(|| "–".to_owned(), |native| row.unit.show(native));
                let ratio = row
                    .ratio()
                    .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
                let met = if row.met() { "met" } else { "missed" };
                let Row {
                    what, unit, portico, ..
                } = row;
                let portico = unit.show(*portico);
                write!(
                    f,
                    "{what:<52} {portico:>10} {native:>10} {ratio:>6}  {:<22} {met}",
                    row.target()
                )
            }
            Self::Skipped { what, why } => write!(f, "{what:<52} not measured: {why}"),
        }
    }
}

/// The line above all others.
pub(crate) fn head() -> String {
    format!(
        "{:<52} {:>10} {:>10} {:>6}  {:<22} ",
        "what", "Portico", "native", "ratio", "target"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(portico: f64, native: Option<f64>, target: Target) -> Row {
        Row {
            what: "it".to_owned(),
            unit: Unit::Seconds,
            portico,
            native,
            target,
        }
    }

    #[test]
    fn every_limit_counts() {
        let target = Target {
            ratio: Some(2.0),
            most: Some(0.05),
            ..Target::default()
        };
        assert!(row(0.04, Some(0.02), target).met());
        assert!(!row(0.04, Some(0.01), target).met());
        assert!(!row(0.06, Some(0.05), target).met());
        assert!(!row(0.01, None, target).met(), "there is no ratio");
        let even = Target {
            at_least: Some(0.9),
            ..Target::default()
        };
        assert!(row(55.0, Some(60.0), even).met());
        assert!(!row(50.0, Some(60.0), even).met());
        let fast = Target {
            least: Some(2e6),
            ..Target::default()
        };
        assert!(row(2.1e6, None, fast).met());
        assert!(!row(1.9e6, None, fast).met());
    }

    #[test]
    fn figures_have_three_digits_and_a_fitting_unit() {
        assert_eq!(Unit::Seconds.show(59.2e-9), "59.2 ns");
        assert_eq!(Unit::Seconds.show(0.0123), "12.3 ms");
        assert_eq!(Unit::Bytes.show(200.0 * 1024.0), "200 KiB");
        assert_eq!(Unit::PerSecond.show(0.0), "0.00 /s");
        assert_eq!(Unit::PerSecond.show(2_340_000.0), "2.34 M/s");
    }
}
