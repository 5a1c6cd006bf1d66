//! The exchange between a parent and a child, against a model that keeps each message by itself.

use super::link::Exchange;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// The child fills its memory with a number and sends it.
    Send(u8),
    /// The child calls `ar()`.
    ChildCalls,
    /// The parent fills its memory with a number and calls `ar()`.
    ParentCalls(u8),
    /// The child connects anew, with as much room.
    Connect(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<u8>().prop_map(Step::Send),
        Just(Step::ChildCalls),
        any::<u8>().prop_map(Step::ParentCalls),
        (0..20_usize).prop_map(Step::Connect),
    ]
}

/// Two memories, and what is on its way from one to the other.
struct Model {
    parent: Vec<u8>,
    child: Vec<u8>,
    /// What the parent shared last.
    shared: Vec<u8>,
    to_parent: Option<Vec<u8>>,
    owes: bool,
    to_child: Option<Vec<u8>>,
}

/// Copies as much as both have room for.
fn copy(from: &[u8], to: &mut [u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

impl Model {
    fn send(&mut self) {
        if self.to_parent.is_none() && !self.owes && self.to_child.is_none() {
            self.to_parent = Some(self.child.clone());
        }
    }

    fn parent_calls(&mut self) {
        if std::mem::take(&mut self.owes) {
            self.to_child = Some(self.parent.clone());
            self.shared.clone_from(&self.parent);
        }
        if let Some(message) = self.to_parent.take() {
            copy(&message, &mut self.parent);
            self.owes = true;
        }
    }

    fn child_calls(&mut self) {
        if let Some(message) = self.to_child.take() {
            copy(&message, &mut self.child);
        }
    }
}

proptest! {
    #[test]
    fn both_memories_are_as_the_model_has_them(
        parent in 0..20_usize,
        child in 0..20_usize,
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let shared = vec![1; parent];
        let mut exchange = Exchange::new(&shared);
        let (mut parent, mut child) = (shared.clone(), vec![2; child]);
        let mut model =
            Model { parent: parent.clone(), child: child.clone(), shared, to_parent: None, owes: false, to_child: None };
        for step in steps {
            match step {
                Step::Send(number) => {
                    child.fill(number);
                    model.child.fill(number);
                    let free = model.to_parent.is_none() && !model.owes && model.to_child.is_none();
                    prop_assert_eq!(exchange.send(&child), free);
                    model.send();
                }
                Step::ChildCalls => {
                    let answered = exchange.answered(child.len()).map(<[u8]>::to_vec);
                    prop_assert_eq!(answered.is_some(), model.to_child.is_some());
                    copy(&answered.unwrap_or_default(), &mut child);
                    model.child_calls();
                }
                Step::ParentCalls(number) => {
                    parent.fill(number);
                    model.parent.fill(number);
                    prop_assert_eq!(exchange.answer(&parent), model.owes);
                    let delivered = exchange.delivered().map(<[u8]>::to_vec);
                    prop_assert_eq!(delivered.is_some(), model.to_parent.is_some());
                    copy(&delivered.unwrap_or_default(), &mut parent);
                    model.parent_calls();
                }
                // With a message under way, what the parent shared last is not there to see.
                Step::Connect(room) if model.to_parent.is_none() && !model.owes => {
                    child = vec![3; room];
                    model.child = vec![3; room];
                    if model.to_child.is_none() {
                        copy(exchange.present(room), &mut child);
                        let shared = model.shared.clone();
                        copy(&shared, &mut model.child);
                    }
                }
                Step::Connect(_) => {}
            }
            prop_assert_eq!(&parent, &model.parent);
            prop_assert_eq!(&child, &model.child);
        }
    }
}
