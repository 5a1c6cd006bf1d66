//! The host's desktop: its menus list installed programs, and its file managers open WebAssembly files with the shell.
//!
//! On Linux and the BSDs, by the rules of freedesktop.org, in this user's own folders. Elsewhere nothing is written.

use portico_kernel::{Hash, Info, ProgramText};
use std::io;

/// The desktop lists a program from now on.
///
/// # Errors
/// When its files can't be written.
pub fn register(hash: &Hash, name: &ProgramText, info: &Info) -> io::Result<()> {
    system::register(hash, name, info)
}

/// The desktop does not list a program any more. What can't be removed stays.
pub fn unregister(hash: &Hash) {
    system::unregister(hash);
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod system {
    use super::{Hash, Info, ProgramText, io};
    use crate::window::icon;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    /// Side of the icons that the desktop gets, in pixels.
    const ICON: u32 = 128;
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
        data.join("icons/hicolor/128x128/apps").join(id(hash)).with_extension("png")
    }

    fn entry_file(data: &Path, name: &str) -> PathBuf {
        data.join("applications").join(format!("{name}.desktop"))
    }

    pub(super) fn register(hash: &Hash, name: &ProgramText, info: &Info) -> io::Result<()> {
        register_in(&data()?, &std::env::current_exe()?, hash, name, info)?;
        refresh(&data()?);
        Ok(())
    }

    pub(super) fn unregister(hash: &Hash) {
        let Ok(data) = data() else { return };
        unregister_in(&data, hash);
        refresh(&data);
    }

    pub(super) fn register_in(
        data: &Path,
        shell: &Path,
        hash: &Hash,
        name: &ProgramText,
        info: &Info,
    ) -> io::Result<()> {
        let icon = info.icon.as_deref().and_then(|bytes| icon::pixels(bytes, ICON));
        let mut shown = "portico".to_owned();
        if let Some(rgba) = icon {
            let file = icon_file(data, hash);
            let mut png = Vec::new();
            image::write_buffer_with_format(
                &mut io::Cursor::new(&mut png),
                &rgba,
                ICON,
                ICON,
                image::ExtendedColorType::Rgba8,
                image::ImageFormat::Png,
            )
            .map_err(io::Error::other)?;
            write(&file, &png)?;
            shown = file.display().to_string();
        }
        let mut entry = String::from("[Desktop Entry]\nType=Application\nVersion=1.0\n");
        line(&mut entry, "Name", name);
        if let Some(summary) = &info.manifest.summary {
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
        let system = std::env::var_os("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        if std::env::split_paths(&system).any(|data| entry_file(&data, "portico").is_file()) {
            return Ok(());
        }
        write(&data.join("icons/hicolor/scalable/apps/portico.svg"), SHELL_ICON.as_bytes())?;
        write(&data.join("mime/packages/portico.xml"), SHELL_TYPE.as_bytes())?;
        let command = format!("Exec={}", quoted(shell).replace('\\', "\\\\"));
        for (name, entry) in [("portico", SHELL_ENTRY), ("portico-open", SHELL_OPENS)] {
            write(&entry_file(data, name), entry.replace("Exec=portico", &command).as_bytes())?;
        }
        Ok(())
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
        let beside = file.with_extension("new");
        fs::write(&beside, bytes)?;
        fs::rename(&beside, file)
    }

    /// Some desktops look types of files up in lists that have to be made anew. They go without where there are no such tools.
    fn refresh(data: &Path) {
        for (tool, folder) in [("update-desktop-database", "applications"), ("update-mime-database", "mime")] {
            let mut tool = Command::new(tool);
            tool.arg(data.join(folder)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let _ = tool.status();
        }
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used, reason = "tests")]
        use super::*;
        use portico_kernel::inspect;

        #[test]
        fn a_program_gets_an_entry_and_an_icon_and_loses_both() {
            let data = tempfile::tempdir().unwrap();
            let svg =
                br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>"#;
            let mut info = inspect(b"");
            info.manifest.summary = Some("Draws\nExec=e\u{202E}vil".into());
            info.icon = Some(svg.to_vec());
            let hash = Hash::of(b"it");
            let shell = Path::new("/opt/por$tico/portico");
            register_in(data.path(), shell, &hash, &"Paint\\n".into(), &info).unwrap();
            let text = fs::read_to_string(entry_file(data.path(), &id(&hash))).unwrap();
            assert!(text.contains(&format!("Exec=\"/opt/por\\\\$tico/portico\" run {hash}\n")), "{text}");
            assert!(text.contains("Comment=Draws Exec=evil\n") && text.contains("Name=Paint\\\\n\n"), "{text}");
            assert_eq!(text.lines().filter(|line| line.starts_with("Exec=")).count(), 1);
            assert!(icon_file(data.path(), &hash).is_file());
            let valid = |name: &str| {
                let checked = Command::new("desktop-file-validate").arg(entry_file(data.path(), name)).output();
                assert!(checked.as_ref().map_or(true, |checked| checked.status.success()), "{name}: {checked:?}");
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
            unregister_in(data.path(), &hash);
            assert!(!entry_file(data.path(), &id(&hash)).exists() && !icon_file(data.path(), &hash).exists());
        }
    }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
mod system {
    use super::{Hash, Info, ProgramText, io};

    pub(super) fn register(_hash: &Hash, _name: &ProgramText, _info: &Info) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn unregister(_hash: &Hash) {}
}
