//! Turns the child from text into the module that its parent starts.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=worker.wat");
    let module = wat::parse_file("worker.wat").expect("worker.wat is sound");
    let out = env::var_os("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&out).join("worker.wasm"), module).expect("cargo's directory can be written");
}
