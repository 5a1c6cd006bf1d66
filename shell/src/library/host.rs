//! The host's desktop: its menus list installed programs, and its file managers open WebAssembly files with the shell.
//!
//! On Linux and the BSDs, by the rules of freedesktop.org, in this user's own folders. Elsewhere nothing is written.

use crate::icons::Icon;
use portico_kernel::{Hash, ProgramText};
use std::io;

/// A program's entry in the desktop's menus.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a ProgramText,
    /// One sentence on what it does.
    pub summary: Option<&'a ProgramText>,
    /// Its icon; without one, the shell's icon is used.
    pub icon: Option<&'a Icon>,
}

/// The desktop lists a program from now on.
///
/// # Errors
/// When its files can't be written.
pub fn register(hash: &Hash, entry: &Entry<'_>) -> io::Result<()> {
    system::register(hash, entry)
}

/// What the desktop calls a program, if it lists it.
pub fn called(hash: &Hash) -> Option<ProgramText> {
    system::called(hash)
}

/// The desktop does not list a program any more. What can't be removed stays.
pub fn unregister(hash: &Hash) {
    system::unregister(hash);
}

/// Has the desktop's entries lead to this shell that lead nowhere any more, as after it was moved.
pub fn repair() {
    system::repair();
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod system {
    use super::{Entry, Hash, ProgramText, io};
    use crate::environment;
    use crate::executable::installed_command;
    use crate::icons::Side;
    use crate::whole;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    const SHELL_ICON: &str = include_str!("../../../assets/icons/portico.svg");
    const SHELL_ENTRY: &str = include_str!("../../../assets/desktop/portico.desktop");
    const SHELL_OPENS: &str = include_str!("../../../assets/desktop/portico-open.desktop");
    const SHELL_TYPE: &str = include_str!("../../../assets/desktop/portico.xml");

    /// Where the user's own files for the desktop are.
    fn data() -> io::Result<PathBuf> {
        let directories = directories::BaseDirs::new().ok_or(io::ErrorKind::NotFound)?;
        Ok(directories.data_dir().to_owned())
    }

    /// The name by which the desktop knows a program; half of its hash is far from any accident.
    fn id(hash: &Hash) -> String {
        format!("portico-{}", &hash.to_string()[..32])
    }

    fn icon_file(data: &Path, hash: &Hash) -> PathBuf {
        data.join("icons/hicolor/128x128/apps")
            .join(id(hash))
            .with_extension("png")
    }

    fn entry_file(data: &Path, name: &str) -> PathBuf {
        data.join("applications").join(format!("{name}.desktop"))
    }

    pub(super) fn register(hash: &Hash, entry: &Entry<'_>) -> io::Result<()> {
        register_in(&data()?, installed_command()?, hash, entry)?;
        refresh(&data()?);
        Ok(())
    }

    pub(super) fn repair() {
        let repaired = || -> io::Result<()> {
            let data = data()?;
            if repair_in(&data, installed_command()?)? {
                refresh(&data);
            }
            Ok(())
        };
        if let Err(error) = repaired() {
            tracing::warn!("the desktop's entries can't be looked after: {error}");
        }
    }

    pub(super) fn called(hash: &Hash) -> Option<ProgramText> {
        called_in(&data().ok()?, hash)
    }

    pub(super) fn called_in(data: &Path, hash: &Hash) -> Option<ProgramText> {
        let entry = fs::read_to_string(entry_file(data, &id(hash))).ok()?;
        let name = entry.lines().find_map(|line| line.strip_prefix("Name="))?;
        Some(ProgramText::name(&name.replace("\\\\", "\\")))
    }

    pub(super) fn unregister(hash: &Hash) {
        let Ok(data) = data() else { return };
        unregister_in(&data, hash);
        refresh(&data);
    }

    pub(super) fn register_in(data: &Path, shell: &Path, hash: &Hash, about: &Entry<'_>) -> io::Result<()> {
        let mut shown = "portico".to_owned();
        if let Some(icon) = about.icon {
            let file = icon_file(data, hash);
            let mut png = Vec::new();
            image::write_buffer_with_format(
                &mut io::Cursor::new(&mut png),
                icon.rgba(Side::Desktop),
                Side::Desktop as u32,
                Side::Desktop as u32,
                image::ExtendedColorType::Rgba8,
                image::ImageFormat::Png,
            )
            .map_err(io::Error::other)?;
            write(&file, &png)?;
            shown = file.display().to_string();
        }
        let mut entry = String::from("[Desktop Entry]\nType=Application\nVersion=1.0\n");
        line(&mut entry, "Name", about.name);
        if let Some(summary) = about.summary.filter(|summary| !summary.is_empty()) {
            line(&mut entry, "Comment", summary);
        }
        line(&mut entry, "Exec", &format!("{} run {hash}", quoted(shell)));
        line(&mut entry, "Icon", &shown);
        entry.push_str("StartupWMClass=portico\nCategories=Utility;\n");
        write(&entry_file(data, &id(hash)), entry.as_bytes())?;
        register_shell(data, shell)
    }

    /// The shell itself, which opens files of type `application/wasm`, and that type. A system that has installed it knows all
    /// that already.
    fn register_shell(data: &Path, shell: &Path) -> io::Result<()> {
        let mut system = environment::system_data_folders().into_iter();
        if system.any(|data| entry_file(&data, "portico").is_file()) {
            return Ok(());
        }
        write(
            &data.join("icons/hicolor/scalable/apps/portico.svg"),
            SHELL_ICON.as_bytes(),
        )?;
        write(&data.join("mime/packages/portico.xml"), SHELL_TYPE.as_bytes())?;
        let command = format!("Exec={}", quoted(shell).replace('\\', "\\\\"));
        for (name, entry) in [("portico", SHELL_ENTRY), ("portico-open", SHELL_OPENS)] {
            write(
                &entry_file(data, name),
                entry.replace("Exec=portico", &command).as_bytes(),
            )?;
        }
        Ok(())
    }

    /// Looks through the entries that are ours; says whether one had to be repaired. Those that lead to another shell that is
    /// there stay as they are.
    fn repair_in(data: &Path, shell: &Path) -> io::Result<bool> {
        let files = match fs::read_dir(data.join("applications")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            files => files?,
        };
        let is_ours = |file: &PathBuf| {
            let name = file
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(".desktop"));
            name.is_some_and(|name| name == "portico" || name.starts_with("portico-"))
        };
        let mut repaired = false;
        for file in files.filter_map(|file| Some(file.ok()?.path())).filter(is_ours) {
            let Ok(before) = fs::read_to_string(&file) else {
                continue;
            };
            let after: String = before.split_inclusive('\n').map(|line| led(line, shell)).collect();
            if after != before {
                write(&file, after.as_bytes())?;
                repaired = true;
            }
        }
        Ok(repaired)
    }

    /// A line of an entry, with this shell for one that is gone.
    fn led(line: &str, shell: &Path) -> String {
        let command = line.strip_prefix("Exec=").and_then(first_word);
        match command.filter(|(before, _)| is_gone(before, shell)) {
            Some((_, rest)) => format!("Exec={}{rest}", quoted(shell).replace('\\', "\\\\")),
            None => line.to_owned(),
        }
    }

    /// Whether an entry is not to lead there any more: there is nothing, or it is this very shell's file, to which a link leads
    /// that will lead to later versions, too.
    fn is_gone(before: &Path, shell: &Path) -> bool {
        let is_shell = before
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("portico"));
        let is_behind_link = || before != shell && shell.canonicalize().is_ok_and(|file| file == before);
        before.is_absolute() && is_shell && (!before.is_file() || is_behind_link())
    }

    /// The first word of a command, if it is in quotation marks as [`quoted`] makes them, and what follows it.
    fn first_word(command: &str) -> Option<(PathBuf, &str)> {
        let mut word = String::new();
        let mut letters = command.strip_prefix('"')?.char_indices();
        loop {
            match letters.next()?.1 {
                '"' => break,
                '%' => word.push(letters.next()?.1),
                // Twice escaped: as a value, and in quotation marks.
                '\\' => match (letters.next()?.1, letters.next()?.1) {
                    ('\\', '\\') => word.push(letters.next().filter(|(_, c)| *c == '\\')?.1),
                    ('\\', c) => word.push(c),
                    _ => return None,
                },
                c => word.push(c),
            }
        }
        Some((word.into(), letters.as_str()))
    }

    pub(super) fn unregister_in(data: &Path, hash: &Hash) {
        for file in [entry_file(data, &id(hash)), icon_file(data, hash)] {
            // It may never have been there.
            let _ = fs::remove_file(file);
        }
    }

    /// A line of an entry. What is in a value comes from a stranger: it stays on its line.
    fn line(entry: &mut String, key: &str, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        entry.push_str(&format!("{key}={}\n", value.replace('\\', "\\\\")));
    }

    /// A path as the first word of a command; the rules want some characters escaped inside quotes.
    fn quoted(path: &Path) -> String {
        let mut quoted = String::from('"');
        for c in path.display().to_string().chars() {
            match c {
                '"' | '`' | '$' | '\\' => quoted.extend(['\\', c]),
                '%' => quoted.push_str("%%"),
                c => quoted.push(c),
            }
        }
        quoted.push('"');
        quoted
    }

    fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        whole::replace(file, bytes)
    }

    /// Some desktops look types of files up in lists that have to be made anew. They go without where there are no such tools.
    fn refresh(data: &Path) {
        for (tool, folder) in [
            ("update-desktop-database", "applications"),
            ("update-mime-database", "mime"),
        ] {
            let mut tool = Command::new(tool);
            tool.arg(data.join(folder))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let _ = tool.status();
        }
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used, reason = "tests")]
        use super::*;
        use crate::icons::{Icons, in_this_process};

        #[test]
        fn a_program_gets_an_entry_and_an_icon_and_loses_both() {
            let data = tempfile::tempdir().unwrap();
            let svg =
                br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>"#;
            let icon = Icons::new(None, in_this_process).of(svg, "Paint");
            let (name, summary) = ("Paint\\n".into(), "Draws\nExec=e\u{202E}vil".into());
            let entry = Entry {
                name: &name,
                summary: Some(&summary),
                icon: icon.as_ref(),
            };
            let hash = Hash::of(b"it");
            let shell = Path::new("/opt/por$tico/portico");
            register_in(data.path(), shell, &hash, &entry).unwrap();
            let text = fs::read_to_string(entry_file(data.path(), &id(&hash))).unwrap();
            assert!(
                text.contains(&format!("Exec=\"/opt/por\\\\$tico/portico\" run {hash}\n")),
                "{text}"
            );
            assert!(
                text.contains("Comment=Draws Exec=evil\n") && text.contains("Name=Paint\\\\n\n"),
                "{text}"
            );
            assert_eq!(text.lines().filter(|line| line.starts_with("Exec=")).count(), 1);
            assert_eq!(called_in(data.path(), &hash).unwrap(), name);
            assert!(icon_file(data.path(), &hash).is_file());
            let valid = |name: &str| {
                let checked = Command::new("desktop-file-validate")
                    .arg(entry_file(data.path(), name))
                    .output();
                assert!(
                    checked.as_ref().map_or(true, |checked| checked.status.success()),
                    "{name}: {checked:?}"
                );
            };
            valid(&id(&hash));
            // A system that has the shell installed knows it already.
            if let Ok(text) = fs::read_to_string(entry_file(data.path(), "portico-open")) {
                assert!(text.contains("Exec=\"/opt/por\\\\$tico/portico\" run %f\n"), "{text}");
                assert!(text.contains("MimeType=application/wasm;\n"), "{text}");
                valid("portico");
                valid("portico-open");
                refresh(data.path());
                let types = fs::read_to_string(data.path().join("mime/globs2"));
                assert!(types.map_or(true, |types| types.contains("application/wasm:*.wasm")));
            }
            let blank = Entry {
                summary: Some(&"\u{200B}".into()),
                ..entry
            };
            register_in(data.path(), shell, &hash, &blank).unwrap();
            assert!(
                !fs::read_to_string(entry_file(data.path(), &id(&hash)))
                    .unwrap()
                    .contains("Comment")
            );
            unregister_in(data.path(), &hash);
            assert!(!entry_file(data.path(), &id(&hash)).exists() && !icon_file(data.path(), &hash).exists());
        }

        #[test]
        fn an_entry_that_leads_nowhere_is_led_to_the_shell() {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            let (data, hash) = (root.join("data"), Hash::of(b"it"));
            let shell = |name: &str| {
                let file = root.join(name).join("portico");
                fs::create_dir_all(root.join(name)).unwrap();
                fs::write(&file, "").unwrap();
                file
            };
            let (here, other) = (shell("a \"new\" $place\\with 100% of `it`"), shell("other"));
            assert!(!repair_in(&data, &here).unwrap(), "there is nothing yet");
            let name = "Paint".into();
            let entry = Entry {
                name: &name,
                summary: None,
                icon: None,
            };
            let register = |shell: &Path| register_in(&data, shell, &hash, &entry).unwrap();
            let text = || fs::read_to_string(entry_file(&data, &id(&hash))).unwrap();
            register(&here);
            let right = text();
            // Nothing is written where nothing is wrong.
            assert!(!repair_in(&data, &here).unwrap());
            for gone in [
                root.join("portico (deleted)"),
                root.join("gone/portico"),
                here.with_file_name("portico (deleted)"),
            ] {
                register(&gone);
                assert_ne!(text(), right);
                assert!(repair_in(&data, &here).unwrap());
                assert_eq!(text(), right, "{}", gone.display());
                assert!(!repair_in(&data, &here).unwrap());
            }
            // Another shell that is there keeps what it has.
            register(&other);
            assert!(!repair_in(&data, &here).unwrap());
            assert!(text().contains(&format!("Exec=\"{}\" run {hash}\n", other.display())));
            // A link that leads to it will lead to the next version, too.
            let link = root.join("portico");
            std::os::unix::fs::symlink(&other, &link).unwrap();
            assert!(repair_in(&data, &link).unwrap());
            assert!(text().contains(&format!("Exec=\"{}\" run {hash}\n", link.display())));
            assert!(!repair_in(&data, &other).unwrap(), "it does not go back");
            // What the user has written is the user's.
            let own = "[Desktop Entry]\nExec=env A=1 /gone/portico\nExec=\"/gone/else\"\nExec=\"/gone/portico\\\nExec=";
            fs::write(entry_file(&data, "portico-own"), own).unwrap();
            assert!(!repair_in(&data, &here).unwrap());
        }
    }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
mod system {
    use super::{Entry, Hash, ProgramText, io};

    pub(super) fn called(_hash: &Hash) -> Option<ProgramText> {
        None
    }

    pub(super) fn register(_hash: &Hash, _entry: &Entry<'_>) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn unregister(_hash: &Hash) {}

    pub(super) fn repair() {}
}
