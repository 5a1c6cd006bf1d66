//! `portico sign`: a publisher's key, and programs signed with it.

use super::{NOT_LOADED, USAGE, fail, print};
use crate::source;
use crate::whole::{self, Readers};
use clap::Args;
use portico_kernel::{Publisher, Refusal, SigningKey, inspect};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Arguments of `sign`.
#[derive(Args)]
pub(super) struct SignArguments {
    /// The program, a WebAssembly file
    #[arg(required_unless_present = "new_key")]
    file: Option<PathBuf>,
    /// The key file to sign with
    #[arg(long, value_name = "FILE", required_unless_present = "new_key")]
    key: Option<PathBuf>,
    /// Where to write the signed program (over FILE unless told)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Make a new key and keep it in this file, which must not be there yet
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "key", "output"])]
    new_key: Option<PathBuf>,
}

pub(super) fn run(arguments: &SignArguments) -> u8 {
    let done = match arguments {
        SignArguments {
            new_key: Some(file), ..
        } => make_key(file).map_err(Failed::from),
        SignArguments {
            file: Some(file),
            output: None,
            ..
        } if source::is_stream(file) => Err(Failed::from(
            "a program that comes through a pipe is signed to another file: name it with --output".to_owned(),
        )),
        SignArguments {
            file: Some(file),
            key: Some(key),
            output,
            ..
        } => sign(file, key, output.as_deref().unwrap_or(file)),
        _ => Err(Failed::from("name a program and a key".to_owned())),
    };
    match done {
        Ok(publisher) => print(format!("publisher {publisher}\n").as_bytes()),
        Err(Failed { code, why }) => fail(code, why),
    }
}

fn make_key(file: &Path) -> Result<Publisher, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| format!("this system has no random bytes: {error}"))?;
    let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    whole::create(file, Readers::Owner, format!("{digits}\n").as_bytes()).map_err(|error| failed(&error))?;
    Ok(SigningKey::from_bytes(&secret).publisher())
}

fn read_key(file: &Path) -> Result<SigningKey, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(failed(&format!(
                "no such key; `portico sign --new-key {}` makes one",
                file.display()
            )));
        }
        Err(error) => return Err(failed(&error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = opened.metadata().map_err(|error| failed(&error))?.mode();
        if mode & 0o077 != 0 {
            return Err(failed(&format!(
                "others can read this key; `chmod 600 {}` keeps it yours",
                file.display()
            )));
        }
    }
    let mut text = String::new();
    opened
        .take(256)
        .read_to_string(&mut text)
        .map_err(|error| failed(&error))?;
    let secret: portico_kernel::Hash = text.trim().parse().map_err(|error| failed(&error))?;
    Ok(SigningKey::from_bytes(secret.as_bytes()))
}

/// Failure of a command: the exit code, and why nothing was signed.
#[derive(Debug, PartialEq, Eq)]
struct Failed {
    code: u8,
    why: String,
}

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self { code: USAGE, why }
    }
}

fn sign(file: &Path, key: &Path, to: &Path) -> Result<Publisher, Failed> {
    let key = read_key(key)?;
    let bytes = source::receive(file, source::LARGEST).map_err(|error| error.to_string())?;
    // An old signature that does not fit is no obstacle: it goes.
    let refusals = inspect(&bytes).refusals;
    let others: Vec<_> = refusals
        .iter()
        .filter(|why| !matches!(why, Refusal::Signature(_)))
        .collect();
    if let Some(why) = others.first() {
        return Err(Failed {
            code: NOT_LOADED,
            why: format!("{} can't run, so it is not signed: {why}", file.display()),
        });
    }
    whole::replace(to, &key.sign(&bytes)).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(key.publisher())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fs;

    const PROGRAM: &str = r#"(module (memory (export "memory") 1) (func (export "run")))"#;

    #[test]
    fn a_key_is_made_once_and_signs() {
        let folder = tempfile::tempdir().unwrap();
        let (key, file) = (folder.path().join("my.key"), folder.path().join("p.wasm"));
        let program = wat::parse_str(PROGRAM).unwrap();
        fs::write(&file, &program).unwrap();
        assert!(sign(&file, &key, &file).unwrap_err().why.contains("--new-key"));
        let publisher = make_key(&key).unwrap();
        assert!(make_key(&key).is_err(), "a key is never overwritten");
        assert_eq!(sign(&file, &key, &file), Ok(publisher));
        assert_eq!(inspect(&fs::read(&file).unwrap()).publisher, Some(publisher));
        let other = folder.path().join("signed.wasm");
        assert_eq!(sign(&file, &key, &other), Ok(publisher));
        assert_eq!(fs::read(&other).unwrap(), fs::read(&file).unwrap());
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            3,
            "nothing is left behind"
        );
        fs::write(&file, b"hello").unwrap();
        assert!(sign(&file, &key, &file).unwrap_err().why.contains("can't run"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("my.key");
        make_key(&key).unwrap();
        assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_key(&key).unwrap_err().contains("chmod 600"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&key, "none").unwrap();
        assert!(read_key(&key).unwrap_err().contains("hexadecimal"));
    }
}
