//! What makes code of the translations finds everything that can be wrong with them.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../build/texts.rs"]
mod texts;

use texts::generate;

const ENGLISH: &str = "# What it says.\nhello = Hello { $name }\n    .about = Says so\nwindows = { $count ->\n    [0] No window\n    [one] One window\n    *[other] { $count } windows\n}\n";

fn faults(other: &str) -> Vec<String> {
    generate(&[("English", ENGLISH), ("Esperanto", other)]).unwrap_err()
}

#[test]
fn every_message_becomes_a_function() {
    let other = ENGLISH.replace("Hello", "Saluton");
    let code = generate(&[("English", ENGLISH), ("Esperanto", &other)]).unwrap();
    assert!(code.contains("pub(crate) fn hello(name: &str) -> String {"), "{code}");
    assert!(code.contains("pub(crate) fn hello_about() -> &'static str {"), "{code}");
    assert!(code.contains("pub(crate) fn windows(count: u64) -> String {"), "{code}");
    assert!(code.contains("out.push_str(\"Saluton \");") && code.contains("n if Language::Esperanto.is_singular(n)"));
}

#[test]
fn what_a_language_lacks_or_has_too_much_is_told() {
    assert_eq!(
        faults("hello = Saluton\n    .about = Diras tion\nbye = Ĝis\n"),
        [
            "Esperanto: hello has other variables than in English",
            "Esperanto: windows is missing",
            "Esperanto: bye is not there in English"
        ]
    );
    let fault = faults(&format!("{ENGLISH}hello = Denove {{ $name }}\n"));
    assert_eq!(fault, ["Esperanto: hello is there twice"]);
}

#[test]
fn what_is_not_understood_is_told() {
    let fault = faults(&format!("{ENGLISH}broken = {{ $name\n"));
    assert!(fault[0].starts_with("Esperanto, near line 9"), "{fault:?}");
    let fault = faults(&ENGLISH.replace("[one]", "[few]"));
    assert_eq!(
        fault,
        ["Esperanto: windows makes a choice by something else than one, other or a whole number"]
    );
    let fault = faults(&ENGLISH.replace("{ $name }", "{ DATETIME($name) }"));
    assert!(
        fault
            .iter()
            .any(|fault| fault.contains("something other than a variable")),
        "{fault:?}"
    );
}
