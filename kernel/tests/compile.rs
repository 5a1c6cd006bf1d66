//! Compilers that lie, fail, or take long: nothing runs but what was compiled of the program, and a load can be given up.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Host, PORTALS};
use portico_kernel::{Cancel, CompileError, Compiler, Hash, InProcess, Kernel, LoadError, LoadOptions, compile};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

fn program(code: u32) -> Vec<u8> {
    wat::parse_str(common::program(&format!(
        r#"(func (export "run") (call $exit (i32.const {code})))"#
    )))
    .unwrap()
}

/// Returns something of its own.
struct Liar(Result<Vec<u8>, CompileError>);

impl Compiler for Liar {
    fn compile(&self, _: &[u8], _: &LoadOptions) -> Result<Vec<u8>, CompileError> {
        self.0.clone()
    }
}

fn kernel(compiler: impl Compiler + 'static) -> Kernel<Host> {
    Kernel::new(&PORTALS, None, compiler).unwrap()
}

fn load(compiler: impl Compiler + 'static) -> Result<Hash, LoadError> {
    kernel(compiler)
        .load(&program(1), &LoadOptions::default())
        .map(|program| *program.hash())
}

#[test]
fn only_what_was_compiled_of_the_program_is_taken() {
    let good = compile(&program(1)).unwrap();
    assert!(load(Liar(Ok(good.clone()))).is_ok());
    let mut lies = vec![
        Vec::new(),
        b"garbage".to_vec(),
        compile(&program(2)).unwrap(),
        good[..good.len() / 2].to_vec(),
    ];
    for at in (0..good.len()).step_by(good.len() / 50 + 1).chain([good.len() - 1]) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        lies.push(bad);
    }
    for lie in lies {
        let why = load(Liar(Ok(lie))).unwrap_err();
        assert!(matches!(&why, LoadError::Compile(CompileError::Failed(_))), "{why:?}");
    }
}

#[test]
fn what_the_compiler_says_is_passed_on() {
    let why = load(Liar(Err(CompileError::Invalid("at 0x10".into())))).unwrap_err();
    assert_eq!(why.to_string(), "it is not a valid WebAssembly module: at 0x10");
}

/// Compiles until it is given up.
struct Endless;

impl Compiler for Endless {
    fn compile(&self, _: &[u8], options: &LoadOptions) -> Result<Vec<u8>, CompileError> {
        let (tell, told) = channel();
        let _on_cancel = options.cancel.on_cancel(move || {
            let _ = tell.send(());
        });
        told.recv().unwrap();
        Err(CompileError::Cancelled)
    }
}

#[test]
fn a_load_can_be_given_up() {
    let cancel = Cancel::default();
    let options = LoadOptions {
        cancel: cancel.clone(),
        ..LoadOptions::default()
    };
    let kernel = kernel(Endless);
    let loading = thread::spawn(move || {
        let load = || kernel.load(&program(1), &options).map(drop).unwrap_err();
        (load(), load())
    });
    thread::sleep(Duration::from_millis(20));
    cancel.cancel();
    let (during, before) = loading.join().unwrap();
    for why in [during, before] {
        assert!(matches!(why, LoadError::Compile(CompileError::Cancelled)), "{why:?}");
    }
}

#[test]
fn a_program_that_is_kept_needs_no_compiler() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("code");
    let first: Kernel<Host> = Kernel::new(&PORTALS, Some(cache.clone()), InProcess).unwrap();
    first.load(&program(1), &LoadOptions::default()).unwrap();
    let failed = Err(CompileError::Failed("it was asked".into()));
    let second: Kernel<Host> = Kernel::new(&PORTALS, Some(cache), Liar(failed)).unwrap();
    assert!(second.load(&program(1), &LoadOptions::default()).is_ok());
    assert!(second.load(&program(2), &LoadOptions::default()).is_err());
}
