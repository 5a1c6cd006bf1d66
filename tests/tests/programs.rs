//! The programs of the tests are WebAssembly, whatever is filled into their blanks.

use portico_tests::programs::{OnKey, animator, mirror, script, still};

#[test]
fn every_template_assembles() {
    mirror("Mirror", [1, 2, 3]);
    animator("Animator", (160, 120));
    script("(call $exit (i32.const 3))");
    for on_key in [OnKey::Nothing, OnKey::Trap, OnKey::Loop, OnKey::Exit] {
        still("Still", [1, 2, 3], (640, 400), on_key);
    }
}
