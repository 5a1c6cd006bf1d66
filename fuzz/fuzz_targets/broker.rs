//! The broker without its sockets: clients that send anything at all, in pieces of any size, that don't read, and go in the
//! middle. After each step everything has to fit together.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_broker::server::simulation;

fuzz_target!(|data: &[u8]| simulation::run(data));
