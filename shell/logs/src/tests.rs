//! Nothing is lost, mixed up or found in vain, in memory or in files.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use portico_abi::Level;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn small() -> Bounds {
    Bounds {
        memory: 600 << 10,
        file: 1 << 20,
        total: 64 << 20,
        lines: 1_000_000,
    }
}

fn fill(store: &LogStore, source: SourceId, lines: std::ops::Range<u32>) {
    for number in lines {
        let level = Level::ALL[number as usize % 4];
        store.push(
            source,
            level,
            if number % 10 == 0 { "Ĉefa" } else { "main" },
            &format!("line {number} of ŝi"),
        );
    }
}

struct Looking {
    search: Search,
    news: Receiver<()>,
}

impl Looking {
    fn new(store: &LogStore) -> Self {
        let (tell, news) = channel();
        let search = Search::new(store.clone(), move || tell.send(()).unwrap_or_default()).unwrap();
        Self { search, news }
    }

    /// Waits until so many rows have been found.
    fn expect(&self, rows: usize) {
        let begun = Instant::now();
        while self.search.progress() != (rows, true) {
            let _ = self.news.recv_timeout(Duration::from_millis(50));
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{:?} instead of {rows}",
                self.search.progress()
            );
        }
    }

    fn texts(&self, rows: std::ops::Range<usize>) -> Vec<String> {
        self.search
            .rows(rows)
            .into_iter()
            .map(|line| line.unwrap().text)
            .collect()
    }
}

#[test]
fn every_line_is_there_in_its_location() {
    let store = LogStore::new(small(), None);
    let paint = store.source("Paint");
    fill(&store, paint, 0..100_000);
    let looking = Looking::new(&store);
    looking.expect(100_000);
    for row in [0, 1, 4095, 4096, 50_000, 99_999] {
        let line = looking.search.rows(row..row + 1).remove(0).unwrap();
        assert_eq!(line.text, format!("line {row} of ŝi"));
        assert_eq!((line.source, line.level), (paint, Level::ALL[row % 4]));
        assert_eq!(line.name, if row % 10 == 0 { "Ĉefa" } else { "main" });
    }
    assert_eq!(
        looking.texts(4094..4098),
        (4094..4098).map(|n| format!("line {n} of ŝi")).collect::<Vec<_>>()
    );
    assert_eq!(looking.search.rows(99_999..100_010).len(), 1, "there are no more");
    let mut count = 0;
    store.each(paint, |line| {
        assert_eq!(line.text, format!("line {count} of ŝi"));
        count += 1;
    });
    assert_eq!(count, 100_000);
}

#[test]
fn a_filter_finds_what_fits_and_nothing_else() {
    let store = LogStore::new(small(), None);
    let (paint, life) = (store.source("Paint"), store.source("Life"));
    fill(&store, paint, 0..20_000);
    fill(&store, life, 20_000..40_000);
    let looking = Looking::new(&store);
    let find = |filter: Filter| looking.search.find(filter);
    find(Filter {
        source: Some(life),
        ..Filter::default()
    });
    looking.expect(20_000);
    assert_eq!(looking.texts(0..1), ["line 20000 of ŝi"]);
    find(Filter {
        least: Level::Error,
        ..Filter::default()
    });
    looking.expect(10_000);
    find(Filter {
        index: "ĉef".into(),
        ..Filter::default()
    });
    looking.expect(4_000);
    find(Filter {
        text: "LINE 3999".into(),
        ..Filter::default()
    });
    looking.expect(11);
    assert_eq!(looking.texts(0..2), ["line 3999 of ŝi", "line 39990 of ŝi"]);
    find(Filter {
        text: "OF ŜI".into(),
        source: Some(paint),
        ..Filter::default()
    });
    looking.expect(20_000);
    find(Filter {
        text: "main".into(),
        ..Filter::default()
    });
    looking.expect(0);
    find(Filter {
        text: ".*".into(),
        ..Filter::default()
    });
    looking.expect(0);
    find(Filter::default());
    looking.expect(40_000);
}

#[test]
fn what_is_added_is_found_by_and_by() {
    let store = LogStore::new(small(), None);
    let paint = store.source("Paint");
    let looking = Looking::new(&store);
    looking.search.find(Filter {
        text: "7".into(),
        ..Filter::default()
    });
    looking.expect(0);
    fill(&store, paint, 0..10);
    looking.expect(1);
    fill(&store, paint, 10..10_000);
    looking.expect(3_439);
    fill(&store, paint, 70..71);
    looking.expect(3_440);
    assert_eq!(looking.texts(3_438..3_440), ["line 9997 of ŝi", "line 70 of ŝi"]);
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let store = LogStore::new(
        Bounds {
            lines: 50_000,
            ..small()
        },
        None,
    );
    let paint = store.source("Paint");
    let looking = Looking::new(&store);
    fill(&store, paint, 0..200_000);
    assert_eq!(store.lines(), 200_000);
    let gone = store.gone() as usize;
    assert!((145_000..155_000).contains(&gone), "{gone}");
    looking.search.find(Filter::default());
    looking.expect(200_000 - gone);
    assert_eq!(looking.texts(0..1), [format!("line {gone} of ŝi")]);
}

#[test]
fn what_is_cleared_is_gone_and_the_rest_stays() {
    let store = LogStore::new(small(), None);
    let (paint, life) = (store.source("Paint"), store.source("Life"));
    fill(&store, paint, 0..9_000);
    fill(&store, life, 0..9_000);
    let looking = Looking::new(&store);
    store.clear(Some(paint));
    fill(&store, paint, 5..6);
    looking.search.find(Filter::default());
    looking.expect(9_001);
    store.each(paint, |line| assert_eq!(line.text, "line 5 of ŝi"));
    store.clear(None);
    looking.search.find(Filter::default());
    looking.expect(0);
    fill(&store, life, 1..3);
    looking.expect(2);
    assert_eq!(looking.texts(0..2), ["line 1 of ŝi", "line 2 of ŝi"]);
}

#[test]
fn sources_are_known_by_their_titles() {
    let store = LogStore::new(small(), None);
    let paint = store.source("paint.wasm");
    store.rename(paint, "Paint");
    let titles: Vec<_> = store.sources().into_iter().map(|source| source.title).collect();
    assert_eq!(titles, ["Portico", "Paint"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_memory_does_not_hold_lies_in_the_folder_without_a_name() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("cache/log");
    let store = LogStore::new(small(), Some(folder.clone()));
    let paint = store.source("Paint");
    // Files of this very process that lie in the folder.
    let open = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        files
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .filter(|file| file.starts_with(&folder))
            .count()
    };
    fill(&store, paint, 0..1_000);
    assert!(!folder.exists(), "nothing is made before it is wanted");
    fill(&store, paint, 1_000..100_000);
    assert!(open() > 1, "files hold at most a megabyte");
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        0,
        "nothing is left when the shell is gone"
    );
    use std::os::unix::fs::MetadataExt;
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    let mut count = 0;
    store.each(paint, |_| count += 1);
    assert_eq!(count, 100_000);
    store.clear(None);
    assert_eq!(open(), 0, "cleared");
}
