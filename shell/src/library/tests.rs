#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

/// A library of its own, whose programs no desktop hears of.
struct Bench {
    folder: tempfile::TempDir,
    library: Library,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Some(folder.path().join("state.redb")));
        let library = Library::new(Programs::new(folder.path().join("programs")), database, Vec::new());
        Self { folder, library }
    }

    /// A file with a program of this name, which `turn` tells from others of the same name.
    fn file(&self, name: &str, turn: u32) -> PathBuf {
        let text = format!(
            r#"(module (@custom "portico" (after func) "name = \"{name}\"") (memory (export "memory") 1)
               (func (export "run") (drop (i32.const {turn}))))"#
        );
        let file = self.folder.path().join(format!("{name}{turn}.wasm"));
        std::fs::write(&file, wat::parse_str(text).unwrap()).unwrap();
        file
    }

    fn install(&self, name: &str, turn: u32) -> Hash {
        self.library.install(&self.file(name, turn), || ()).unwrap().hash
    }
}

#[test]
fn one_that_came_with_the_shell_is_meant_by_its_files_name() {
    let bench = Bench::new();
    let (folder, bundled) = (bench.folder.path(), bench.file("Paint", 1));
    let (programs, database) = (
        Programs::new(folder.join("kept")),
        Database::new(Some(folder.join("kept.redb"))),
    );
    let library = Library::new(programs, database, vec![folder.join("none"), folder.into()]);
    assert_eq!(library.resolve("paint1").unwrap(), ProgramRef::File(bundled));
    assert!(matches!(library.resolve("paint"), Err(ResolveError::Nothing(_))));
    // What the user has installed comes first.
    let hash = library.install(&bench.file("paint1", 2), || ()).unwrap().hash;
    assert!(matches!(library.resolve("Paint1").unwrap(), ProgramRef::Installed { hash: of, .. } if of == hash));
}

#[test]
fn a_program_is_meant_by_file_hash_link_or_name() {
    let bench = Bench::new();
    let (library, file) = (&bench.library, bench.file("Paint", 1));
    assert_eq!(
        library.resolve(file.to_str().unwrap()).unwrap(),
        ProgramRef::File(file.canonicalize().unwrap())
    );
    let hash = bench.install("Paint", 1);
    let paint = ProgramRef::Installed {
        hash,
        name: "Paint".into(),
    };
    let digits = hash.to_string();
    for text in ["paint", " Paint ", &digits, &digits[..8], &portico_model::link(&hash)] {
        assert_eq!(library.resolve(text).unwrap(), paint, "{text}");
    }
    assert!(matches!(library.resolve("life"), Err(ResolveError::Nothing(_))));
    assert!(matches!(library.resolve(" "), Err(ResolveError::Nameless)));
    assert!(matches!(library.resolve("00000000"), Err(ResolveError::Hash(_))));
    bench.install("Paint", 2);
    assert!(
        library
            .resolve("paint")
            .unwrap_err()
            .to_string()
            .contains(&hash.short())
    );
}

#[test]
fn what_is_removed_can_be_brought_back_until_it_is_cleaned_up() {
    let bench = Bench::new();
    let library = &bench.library;
    let (paint, life) = (bench.install("Paint", 1), bench.install("Life", 1));
    let row = library
        .installed()
        .unwrap()
        .into_iter()
        .find(|row| row.hash == paint)
        .unwrap();
    library.remove(&paint).unwrap();
    assert!(library.resolve("paint").is_err() && library.resolve(paint.to_string()).is_err());
    library.restore(&row, || ()).unwrap();
    assert!(library.resolve("paint").is_ok());
    assert_eq!(library.clean().unwrap(), Cleaned::default());
    library.forget(&paint).unwrap();
    assert!(library.programs().unwrap().load(&paint).is_ok(), "it has come back");
    library.remove(&paint).unwrap();
    assert_eq!(library.clean().unwrap(), Cleaned::default(), "it may be wanted back");
    library.forget(&paint).unwrap();
    assert_eq!(library.programs().unwrap().all(), [life]);
    assert!(
        library.restore(&row, || ()).is_err(),
        "there is nothing left to bring back"
    );
}

#[test]
fn what_is_installed_is_read_once() {
    let bench = Bench::new();
    let hash = bench.install("Paint", 1);
    let items = bench.library.read(&[]);
    let paint = items.iter().find(|item| item.hash == hash).unwrap();
    assert_eq!((&*paint.name, paint.installed.is_some()), ("Paint", true));
    // The second reading takes what it knows: the file may even be gone.
    std::fs::remove_file(bench.library.path(&hash).unwrap()).unwrap();
    assert!(bench.library.read(&items).iter().any(|item| item.hash == hash));
    assert!(
        !bench.library.read(&[]).iter().any(|item| item.hash == hash),
        "a file that is gone is not offered"
    );
}

#[test]
fn what_cannot_run_is_not_installed() {
    let bench = Bench::new();
    let file = bench.folder.path().join("none.wasm");
    std::fs::write(&file, "hello").unwrap();
    assert!(
        bench
            .library
            .install(&file, || ())
            .unwrap_err()
            .to_string()
            .starts_with("none can't run")
    );
    assert!(bench.library.install(Path::new("/nowhere"), || ()).is_err());
    assert!(bench.library.installed().unwrap().is_empty());
}

#[test]
fn installed_programs_outlive_the_list_of_them() {
    let bench = Bench::new();
    let library = &bench.library;
    let (state, programs) = (bench.folder.path().join("state.redb"), library.programs().unwrap());
    let (paint, life) = (bench.install("Paint", 1), bench.install("Life", 1));
    let old = |hash: &Hash| {
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
        let file = std::fs::File::options().write(true).open(programs.path(hash)).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    old(&paint);
    old(&life);
    let names = || {
        library
            .installed()
            .unwrap()
            .iter()
            .map(|row| row.name.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    for damage in [None, Some("not a database at all".repeat(100))] {
        match damage {
            None => std::fs::remove_file(&state).unwrap(),
            Some(damage) => std::fs::write(&state, damage).unwrap(),
        }
        assert_eq!(library.clean().unwrap(), Cleaned::default());
        assert_eq!(names(), "Life Paint");
    }
    // Nor does anything go that an older list may have had, as long as that lies there.
    let tools = programs.add(&std::fs::read(bench.file("Tools", 1)).unwrap()).unwrap();
    old(&tools);
    assert_eq!(library.clean().unwrap(), Cleaned::default());
    let kept = Database::new(Some(state)).damaged();
    assert_eq!(kept.len(), 1);
    std::fs::remove_file(&kept[0]).unwrap();
    assert_eq!(library.clean().unwrap().files, 1);
    assert_eq!((names(), programs.all().len()), ("Life Paint".to_owned(), 2));
}
