//! Random sequences of what programs, portals and users do to a channel table, against a simple model of it.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::kernel::Kernel;
use crate::mailbox::Waker;
use crate::permission::{DefaultAccess as Access, PermissionStatus};
use crate::process_group::Limits;
use crate::spawn::Spawner;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Mutex;

/// A channel's queue of events, and its waker.
#[derive(Clone)]
struct Source(Arc<Mutex<u32>>, Waker);

#[derive(Default)]
struct Host {
    /// Sources of channels that have begun, by the address of their first message.
    begun: HashMap<u32, Source>,
}

/// Its source, whether each message asks for the portal `c`, and the address of its first message.
struct Events(Option<Source>, bool, Option<u32>);

impl Channel<Host> for Events {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.2.get_or_insert(at);
        if self.1 {
            cx.require(&PORTALS[2], None);
        }
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if self.0.is_none() {
            let source = Source(Arc::default(), cx.waker());
            cx.host.begun.insert(self.2.unwrap(), source.clone());
            self.0 = Some(source);
        }
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let mut queued = self.0.as_ref().unwrap().0.lock().unwrap();
        if *queued == 0 {
            return Ok(Received::Nothing);
        }
        *queued -= 1;
        Ok(if *queued == 0 {
            Received::Delivered
        } else {
            Received::More
        })
    }
}

fn open() -> Box<dyn Channel<Host>> {
    Box::new(Events(None, false, None))
}

fn open_asking() -> Box<dyn Channel<Host>> {
    Box::new(Events(None, true, None))
}

static PORTALS: [Portal<Host>; 4] = [
    Portal {
        name: "a",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[CommandEntry {
            number: 0,
            name: "a",
            single: false,
            open: Some(open),
        }],
    },
    Portal {
        name: "b",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[CommandEntry {
            number: 1,
            name: "b",
            single: true,
            open: Some(open),
        }],
    },
    Portal {
        name: "c",
        summary: "",
        default: Access::Ask,
        watched: true,
        commands: &[CommandEntry {
            number: 2,
            name: "c",
            single: false,
            open: Some(open),
        }],
    },
    Portal {
        name: "d",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[CommandEntry {
            number: 3,
            name: "d",
            single: false,
            open: Some(open_asking),
        }],
    },
];
/// How many commands there are.
const KNOWN: u32 = PORTALS.len() as u32;

/// A user who may not have decided about the portal `c` yet.
struct User {
    standing: Mutex<PermissionStatus>,
    asked: Mutex<Option<PermissionRequest>>,
    used: Mutex<u32>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            standing: Mutex::new(PermissionStatus::Ask),
            asked: Mutex::default(),
            used: Mutex::default(),
        }
    }
}

impl Grants for User {
    fn status(&self, permission: &Permission, _default: Access) -> PermissionStatus {
        if permission.portal == "c" {
            *self.standing.lock().unwrap()
        } else {
            PermissionStatus::Allowed
        }
    }

    fn ask(&self, request: PermissionRequest) {
        assert_eq!(*request.permission(), Permission::whole("c"));
        assert!(
            self.asked.lock().unwrap().replace(request).is_none(),
            "one question at a time"
        );
    }

    fn withdraw(&self, _permission: &Permission) {
        assert!(self.asked.lock().unwrap().take().is_some(), "there was no question");
    }

    fn used(&self, permission: &Permission, channels: u32) {
        assert_eq!(*permission, Permission::whole("c"));
        assert_ne!(
            std::mem::replace(&mut *self.used.lock().unwrap(), channels),
            channels,
            "that is no news"
        );
    }
}

#[derive(Clone, Debug)]
enum Step {
    Open { id: u32, which: u32 },
    Send { id: u32 },
    Rename { id: u32, new: u32 },
    Discard { id: u32 },
    Receive,
    Post { id: u32 },
    Close { id: u32 },
    Revoke { portal: usize },
    Answer { yes: bool },
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..12u32;
    prop_oneof![
        4 => (id.clone(), 0..KNOWN + 1).prop_map(|(id, which)| Step::Open { id, which }),
        2 => id.clone().prop_map(|id| Step::Send { id }),
        1 => (id.clone(), 1..12u32).prop_map(|(id, new)| Step::Rename { id, new }),
        1 => id.clone().prop_map(|id| Step::Discard { id }),
        3 => Just(Step::Receive),
        4 => id.clone().prop_map(|id| Step::Post { id }),
        1 => id.prop_map(|id| Step::Close { id }),
        1 => (0..PORTALS.len()).prop_map(|portal| Step::Revoke { portal }),
        2 => any::<bool>().prop_map(|yes| Step::Answer { yes }),
        1 => Just(Step::Forget),
    ]
}

/// Model of a channel.
#[derive(Clone)]
struct Model {
    id: u32,
    which: u32,
    queued: u32,
    closing: bool,
    /// The address of its first message.
    message: u32,
    /// It could be opened.
    open: bool,
    waits: Waiting,
    /// Needs the portal `c`, of itself or for its last message.
    needs: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Waiting {
    No,
    Yes,
    Begins,
}

#[derive(Default)]
struct Models {
    open: Vec<Model>,
    /// Ids in the order in which they became ready.
    ready: Vec<u32>,
}

impl Models {
    fn find(&mut self, id: u32) -> Option<&mut Model> {
        self.open.iter_mut().find(|model| model.id == id)
    }

    fn becomes_ready(&mut self, id: u32) {
        if !self.ready.contains(&id) {
            self.ready.push(id);
        }
    }

    /// The host closes it: what is queued is delivered before, unless it has not begun.
    fn closes(&mut self, id: u32) {
        let ready = self.ready.contains(&id);
        let model = self.find(id).unwrap();
        model.closing = true;
        if model.waits != Waiting::No || !ready {
            model.queued = 0;
        }
        self.becomes_ready(id);
    }

    /// Takes a message: one channel asks for `c` each time, and one that is about to begin begins with this message.
    fn sends(&mut self, id: u32, standing: PermissionStatus) {
        if let Some(model) = self
            .find(id)
            .filter(|model| model.waits == Waiting::Begins && !model.closing)
        {
            model.waits = Waiting::No;
        }
        let Some(model) = self.find(id).filter(|model| model.which == 3 && !model.closing) else {
            return;
        };
        model.needs = standing != PermissionStatus::Denied;
        model.waits = if standing == PermissionStatus::Ask {
            Waiting::Yes
        } else {
            Waiting::No
        };
        match standing {
            PermissionStatus::Denied => self.closes(id),
            PermissionStatus::Allowed if model.queued > 0 => self.becomes_ready(id),
            _ => {}
        }
    }

    fn remove(&mut self, id: u32) {
        self.open.retain(|model| model.id != id);
        self.ready.retain(|ready| *ready != id);
    }

    fn receive(&mut self) -> Vec<u32> {
        let mut list = Vec::new();
        for id in std::mem::take(&mut self.ready) {
            let model = self.find(id).unwrap();
            if model.waits == Waiting::Yes && !model.closing {
                continue;
            }
            if !model.closing {
                model.waits = Waiting::No;
            }
            if model.queued > 0 {
                model.queued -= 1;
                list.push(id);
                if model.queued > 0 || model.closing {
                    self.becomes_ready(id);
                }
            } else if model.closing {
                self.remove(id);
                list.push(id | CLOSED);
            }
        }
        list
    }
}

/// Has the table take its signals, and takes over the order in which it walks its slots, which is no promise.
fn take_over_order(table: &mut Channels<Host>, mailbox: &Mailbox, model: &mut Models) {
    table.hear(mailbox);
    let slots = &table.slots;
    let live = table
        .ready
        .iter()
        .filter(|key| slots[key.slot as usize].generation == key.generation);
    let order: Vec<u32> = live.map(|key| slots[key.slot as usize].id).collect();
    model.ready.sort_by_key(|id| order.iter().position(|other| other == id));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]
    #[test]
    fn the_table_does_what_the_model_does(steps in proptest::collection::vec(step(), 1..120)) {
        let mut table: Channels<Host> = Channels::new();
        let mut model = Models::default();
        let mut host = Host::default();
        let user = User::default();
        let mailbox = Arc::new(Mailbox::new());
        let mut commands: Commands<Host> = [None; which::TEST as usize + 1];
        for portal in &PORTALS {
            commands[portal.commands[0].number as usize] = Some((portal, &portal.commands[0]));
        }
        let kernel = Kernel::new(&PORTALS, None, crate::InProcess).unwrap();
        let spawner = Spawner::root(kernel, Arc::new(User::default()), Limits::default());
        let mut memory = vec![0; 64];
        for (step, message) in steps.into_iter().zip(1_u32..) {
            let known = |model: &Models, id: u32| model.open.iter().any(|other| other.id == id);
            let mut carry = |table: &mut Channels<Host>, host: &mut Host, (channel, new, which): (u32, u32, u32)| {
                let command =
                    Command { channel: channel.into(), new: new.into(), which: which.into(), data: message.into() };
                let mut process =
                    ProcessCx { host, mailbox: &mailbox, grants: &user, commands: &commands, spawner: &spawner };
                table.carry_out(command, &mut memory, &mut process)
            };
            match step {
                Step::Open { id, which } => {
                    let result = carry(&mut table, &mut host, (0, id, which));
                    prop_assert_eq!(result.is_err(), known(&model, id));
                    if result.is_ok() {
                        let taken = which == 1 && model.open.iter().any(|other| other.which == 1 && other.open);
                        let standing = *user.standing.lock().unwrap();
                        let shut = which == 2 && standing == PermissionStatus::Denied;
                        let open = which < KNOWN && !taken && !shut;
                        let waits = if which == 2 && standing == PermissionStatus::Ask { Waiting::Yes } else { Waiting::No };
                        let needs = which == 2;
                        model.open.push(Model { id, which, queued: 0, closing: false, message, open, waits, needs });
                        if !open {
                            model.closes(id);
                        } else {
                            model.sends(id, standing);
                        }
                    }
                }
                Step::Send { id } => {
                    let result = carry(&mut table, &mut host, (id, id, 0));
                    prop_assert_eq!(result.is_ok(), known(&model, id));
                    model.sends(id, *user.standing.lock().unwrap());
                }
                Step::Rename { id, new } => {
                    let fine = known(&model, id) && (id == new || !known(&model, new));
                    prop_assert_eq!(carry(&mut table, &mut host, (id, new, 0)).is_ok(), fine);
                    if fine {
                        model.find(id).unwrap().id = new;
                        model.ready.iter_mut().filter(|ready| **ready == id).for_each(|ready| *ready = new);
                        model.sends(new, *user.standing.lock().unwrap());
                    }
                }
                Step::Discard { id } => {
                    prop_assert_eq!(carry(&mut table, &mut host, (id, 0, 0)).is_ok(), known(&model, id));
                    model.remove(id);
                }
                Step::Receive => {
                    let mut list = Vec::new();
                    let mut process =
                        ProcessCx { host: &mut host, mailbox: &mailbox, grants: &user, commands: &commands, spawner: &spawner };
                    table.hear(&mailbox);
                    table.deliver(&mut memory, &mut process, &mut list);
                    let list: Vec<u32> = list.iter().map(|entry| entry.get()).collect();
                    prop_assert_eq!(list, model.receive());
                    table.settle(&process);
                    let waiting = model.open.iter().any(|other| other.waits == Waiting::Yes && !other.closing);
                    prop_assert_eq!(user.asked.lock().unwrap().is_some(), waiting, "one question for all that wait");
                    let using = |other: &&Model| other.needs && other.waits == Waiting::No && other.open;
                    prop_assert_eq!(*user.used.lock().unwrap() as usize, model.open.iter().filter(using).count());
                }
                Step::Post { id } => {
                    let found = model.find(id).filter(|model| !model.closing);
                    if let Some(Source(queue, waker)) = found.and_then(|model| host.begun.get(&model.message).cloned()) {
                        *queue.lock().unwrap() += 1;
                        waker.ready();
                        model.find(id).unwrap().queued += 1;
                        model.becomes_ready(id);
                    }
                }
                Step::Close { id } => {
                    if let Some(Source(_, waker)) = model.find(id).and_then(|model| host.begun.get(&model.message).cloned()) {
                        waker.close(Failure::new(Code::Failed, "closed"));
                        model.closes(id);
                    }
                }
                Step::Answer { yes } => {
                    let asked = user.asked.lock().unwrap().take();
                    if let Some(asked) = asked {
                        *user.standing.lock().unwrap() = PermissionStatus::from(yes);
                        if yes { asked.allow() } else { drop(asked) }
                        let waits = |other: &&Model| other.waits == Waiting::Yes && !other.closing;
                        let ids: Vec<u32> = model.open.iter().filter(waits).map(|other| other.id).collect();
                        for id in &ids {
                            if yes {
                                model.find(*id).unwrap().waits = Waiting::Begins;
                                model.becomes_ready(*id);
                            } else {
                                model.closes(*id);
                            }
                        }
                        take_over_order(&mut table, &mailbox, &mut model);
                    }
                }
                Step::Forget => *user.standing.lock().unwrap() = PermissionStatus::Ask,
                Step::Revoke { portal } => {
                    if portal == 2 {
                        *user.standing.lock().unwrap() = PermissionStatus::Denied;
                    }
                    mailbox.post(Signal::Revoked(Permission::whole(PORTALS[portal].name)));
                    let needs = |other: &&Model| {
                        other.open && (other.which == portal as u32 || (portal == 2 && other.needs))
                    };
                    let ids: Vec<u32> = model.open.iter().filter(needs).map(|other| other.id).collect();
                    for id in ids {
                        model.closes(id);
                    }
                    take_over_order(&mut table, &mailbox, &mut model);
                }
            }
            table.hear(&mailbox);
            prop_assert_eq!(table.count() as usize, model.open.len());
            for other in &model.open {
                prop_assert!(table.ids.get(other.id).is_some());
            }
            let single = model.open.iter().any(|other| other.which == 1 && other.open);
            prop_assert_eq!(table.single != 0, single, "the one channel of command 1");
            prop_assert_eq!(table.slots.len() - table.free.len(), model.open.len(), "no slot is lost");
        }
    }

    #[test]
    fn opening_and_discarding_does_not_fill_memory(times in 1..2000usize) {
        let mut table: Channels<Host> = Channels::new();
        for _ in 0..times {
            let at = table.take_slot(1, None);
            table.close(at, Failure::new(Code::Failed, "closed"));
            table.discard(at);
        }
        prop_assert!(table.ready.len() <= 70, "{} are kept", table.ready.len());
    }

    #[test]
    fn moving_deadlines_does_not_fill_memory(moves in 1..2000usize) {
        let mut table: Channels<Host> = Channels::new();
        let at = table.take_slot(1, None);
        let start = Instant::now();
        for step in 0..moves {
            let when = start + std::time::Duration::from_secs(3600 + step as u64);
            table.slots[at as usize].waker_slot.deadline = Some(when);
            table.remind(at);
            prop_assert_eq!(table.next_deadline().map(|next| next <= when), Some(true));
        }
        prop_assert!(table.deadlines.len() <= 20, "{} are kept", table.deadlines.len());
    }
}
