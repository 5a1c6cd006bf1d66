//! The HUD's list, history and keys.

use super::*;

#[test]
fn the_hud_lists_finds_and_ranks() {
    let mut b = Bench::new();
    let all = b.listed("");
    assert_eq!(&all[..4], [">Save", "Open file", "(Redo)", "Second save"]);
    assert_eq!(all.last().unwrap(), "Window 2");
    assert!(!all.contains(&"Crop".into()) && !all.contains(&"Window 1".into()));
    // Name before tag, every word somewhere, disabled below what can be chosen.
    assert_eq!(b.listed("save")[..3], [">Save", "Second save", "Save log"]);
    assert_eq!(b.listed("pict")[0], ">Second save");
    assert_eq!(b.listed("save second"), [">Second save"]);
    assert_eq!(b.listed("redo"), ["(Redo)"]);
    assert_eq!(b.model.hud().unwrap().selected(), None);
    assert_eq!(b.listed("window 2").first().unwrap(), ">Window 2");
    assert_eq!(b.listed("qqq"), Vec::<String>::new());
    check(&b.press(code::ENTER, 0), &[]);
}

#[test]
fn the_hud_learns_what_is_chosen_for_which_letters() {
    let mut b = Bench::new();
    assert_eq!(b.listed("e")[0], ">End program");
    let index = b
        .model
        .hud()
        .unwrap()
        .entries()
        .iter()
        .position(|e| e.name == "Open file")
        .unwrap();
    check(&b.apply(Event::HudChosen(index)), &["Fire(1)"]);
    assert_eq!(b.listed("e")[0], ">Open file");
    b.apply(Event::HudClosed);
    // With an empty query, what was chosen last comes first.
    assert_eq!(&b.listed("")[..2], [">Open file", "Save"]);
}

#[test]
fn what_is_learned_can_be_kept() {
    let mut learned = Learned::default();
    for (letters, what) in [("a", "x"), ("A ", "x"), ("b", "y")] {
        learned.choose(letters, what);
    }
    assert_eq!(
        learned.latest().map(|c| (c.letters.as_str(), c.what.as_str(), c.times)),
        Some(("b", "y", 1))
    );
    learned.choose("a", "x");
    let kept = learned.latest().cloned().into_iter().chain([Chosen {
        letters: "b".into(),
        what: "y".into(),
        times: 1,
        last: 3,
    }]);
    let again: Learned = kept.collect();
    assert_eq!(again.bonus("a", "x"), learned.bonus("a", "x"));
    assert_eq!((again.last("x"), again.last("y")), (4, 3));
}

#[test]
fn what_is_learned_is_bounded() {
    let mut learned = Learned::default();
    for i in 0..2000 {
        learned.choose(&format!("q{i}"), "what");
    }
    assert_eq!(learned.len(), 512);
    assert!(learned.bonus("q1999", "what") > 1000 && learned.bonus("q0", "what") == 0);
}

#[test]
fn the_hud_is_driven_by_keys() {
    let mut b = Bench::new();
    b.listed("");
    let selected = |b: &Bench| {
        b.model.hud().unwrap().entries()[b.model.hud().unwrap().selected().unwrap()]
            .name
            .clone()
    };
    b.press(code::DOWN, 0);
    b.key(code::DOWN, KeyState::Repeated, 0, None);
    assert_eq!(selected(&b), "Second save", "the disabled one is stepped over");
    b.press(code::END, 0);
    assert_eq!(selected(&b), "Window 2");
    b.press(code::PAGE_UP, 0);
    b.press(code::HOME, 0);
    assert_eq!(selected(&b), "Save");
    check(&b.tap(A, 0), &["Chrome", "Chrome"]);
    check(&b.key(code::ENTER, KeyState::Repeated, 0, None), &[]);
    check(&b.tap(code::ENTER, 0), &["Fire(0)", "Chrome"]);
    assert!(b.model.hud().is_none());
    b.listed("");
    b.tap(code::ESCAPE, 0);
    assert!(b.model.hud().is_none());
    check(&b.apply(Event::HudChosen(0)), &[]);
}

#[test]
fn a_new_menu_keeps_the_selection_where_it_can() {
    let mut b = Bench::new();
    b.listed("");
    b.press(code::DOWN, 0);
    let mut menu: Vec<Action> = program().menu.unwrap().to_vec();
    menu.insert(0, action("New first", None));
    b.apply(Event::Chrome(Chrome {
        menu: Some(menu.into()),
        ..program()
    }));
    let hud = b.model.hud().unwrap();
    assert_eq!(hud.entries()[hud.selected().unwrap()].name, "Open file");
    b.apply(Event::Chrome(Chrome::default()));
    assert!(
        b.model.hud().unwrap().selected().is_some(),
        "something else is selected instead"
    );
}
