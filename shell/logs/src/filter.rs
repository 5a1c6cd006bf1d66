//! Filters of log lines.

use super::SourceId;
use super::chunk::{END, Record};
use portico_abi::Level;

/// A filter: matches lines that meet all conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Of one source only.
    pub source: Option<SourceId>,
    /// Of this level or a higher one.
    pub least: Level,
    /// With this in the name of their index; upper and lower case are the same.
    pub index: String,
    /// With this in their text; upper and lower case are the same.
    pub text: String,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            source: None,
            least: Level::Debug,
            index: String::new(),
            text: String::new(),
        }
    }
}

/// A filter that is compiled for matching many lines.
pub(super) struct CompiledFilter {
    source: Option<SourceId>,
    least: u8,
    index: Option<regex::bytes::Regex>,
    text: Option<regex::bytes::Regex>,
}

impl CompiledFilter {
    pub(super) fn new(filter: &Filter) -> Self {
        Self {
            source: filter.source,
            least: filter.least.number(),
            index: pattern(&filter.index),
            text: pattern(&filter.text),
        }
    }

    /// Which of these lines fit, by their place; `first` is the number of the first, `cleared` the first of each source that
    /// counts.
    pub(super) fn hits(&self, records: &[Record], text: &[u8], first: u64, cleared: &[u64]) -> Vec<u16> {
        let plain = |index: usize, record: &Record| {
            let source = record.source.get();
            record.level >= self.least
                && self.source.is_none_or(|wanted| wanted.0 == source)
                && cleared
                    .get(usize::from(source))
                    .is_none_or(|cleared| first + index as u64 >= *cleared)
                && self.index.as_ref().is_none_or(|index| {
                    let start = record.start.get() as usize;
                    text.get(start..start + usize::from(record.name.get()))
                        .is_some_and(|name| index.is_match(name))
                })
        };
        let Some(wanted) = &self.text else {
            let fitting = records
                .iter()
                .enumerate()
                .filter(|(index, record)| plain(*index, record));
            return fitting.map(|(index, _)| index as u16).collect();
        };
        // One pass over all texts: most chunks hold none.
        let mut hits = Vec::new();
        let mut from = 0;
        while let Some(at) = wanted.find_at(text, from).map(|found| found.start()) {
            let index = records
                .partition_point(|record| record.start.get() as usize <= at)
                .saturating_sub(1);
            let Some(record) = records.get(index) else { break };
            if at < record.text_start() {
                // It is in the name: looks on in the text.
                from = record.text_start();
                continue;
            }
            if plain(index, record) {
                hits.push(index as u16);
            }
            from = record.end.get() as usize;
        }
        hits
    }
}

/// A pattern that ignores case; `None` for an empty text.
fn pattern(text: &str) -> Option<regex::bytes::Regex> {
    let plain: String = text.chars().filter(|character| *character != END as char).collect();
    if plain.is_empty() {
        return None;
    }
    let built = regex::bytes::RegexBuilder::new(&regex::escape(&plain))
        .case_insensitive(true)
        .build();
    built
        .inspect_err(|error| tracing::debug!("{plain:?} can't be looked for: {error}"))
        .ok()
}
