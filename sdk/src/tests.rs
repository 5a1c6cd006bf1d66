//! The executor and the channels against a host that follows a script.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(unsafe_code, reason = "the host reads and writes what a program has posted")]

use crate::host::imp::{install, pointer};
use crate::keys::KeyState;
use crate::port::{self, Port};
use crate::{Code, anything, cpu, frame, keys, spawn, system, task, timer, user};
use portico_abi::{CLOSED, Command, Frame, Key, List, Number, PortOp, Print, Text, Why, which};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// What the host does in one call: it looks at the commands and gives the ready list.
type Turn = Box<dyn FnMut(&[(u32, u32, u32, u32)]) -> Vec<u32>>;

fn turn(action: impl FnMut(&[(u32, u32, u32, u32)]) -> Vec<u32> + 'static) -> Turn {
    Box::new(action)
}

/// Runs a program under a host that plays `turns`; gives its exit code and the number of turns that were not played.
fn play(turns: Vec<Turn>, main: impl Future<Output: crate::Outcome> + 'static) -> (u8, usize) {
    let turns = Rc::new(RefCell::new(VecDeque::from(turns)));
    let script = Rc::clone(&turns);
    install(move |commands, done| {
        let commands: Vec<_> = commands.iter().map(numbers).collect();
        let mut next = script.borrow_mut().pop_front().expect("a turn that the script has");
        let ready = next(&commands);
        assert!(ready.len() <= done.len(), "no room for the ready list");
        done[..ready.len()].copy_from_slice(&ready);
        ready.len()
    });
    let code = task::run(main);
    (code, turns.borrow().len())
}

fn numbers(command: &Command) -> (u32, u32, u32, u32) {
    (
        command.channel.get(),
        command.new.get(),
        command.which.get(),
        command.data.get(),
    )
}

fn read<T: Copy>(address: u32) -> T {
    // SAFETY: the program has handed over this address in a call that lasts.
    unsafe { pointer::<T>(address).read_unaligned() }
}

fn write<T>(address: u32, value: T) {
    // SAFETY: as above, and nothing borrows what is posted during a call.
    unsafe { pointer::<T>(address).write_unaligned(value) }
}

fn string(text: Text) -> String {
    let bytes: Vec<u8> = (0..text.size.get() as usize)
        // SAFETY: the text is the program's, and as long as it says.
        .map(|index| unsafe { pointer::<u8>(text.data.get()).add(index).read() })
        .collect();
    String::from_utf8(bytes).unwrap()
}

/// Writes a text as the host does: whole, or the size that it needs.
fn fill(posted: u32, list: Text, value: &str) -> bool {
    let fits = value.len() <= list.size.get() as usize;
    if fits {
        // SAFETY: it fits into what the program has posted.
        unsafe { pointer::<u8>(list.data.get()).copy_from(value.as_ptr(), value.len()) };
    }
    let data = if fits { list.data } else { 0.into() };
    write(
        posted,
        List {
            size: (value.len() as u32).into(),
            data,
        },
    );
    fits
}

#[test]
fn what_all_tasks_post_goes_out_in_one_call() {
    let answers = Rc::new(Cell::new(0));
    let count = Rc::clone(&answers);
    let turns = vec![turn(|commands| {
        assert_eq!(commands.len(), 3);
        assert!(commands.iter().all(|command| command.0 == 0));
        assert_eq!(
            commands.iter().map(|command| command.2).collect::<Vec<_>>(),
            [which::ARCHITECTURE, which::KERNEL, 10]
        );
        for command in commands {
            write::<Number>(command.3, 3.into());
        }
        commands.iter().rev().map(|command| command.1).collect()
    })];
    let main = async move {
        let first = Rc::clone(&count);
        spawn(async move {
            assert_eq!(system::kernel().await.unwrap(), system::Platform::MacOs);
            first.set(first.get() + 1);
        });
        spawn(async move {
            assert_eq!(system::runtime().await.unwrap(), system::Runtime::Wari);
            count.set(count.get() + 1);
        });
        assert_eq!(cpu::architecture().await.unwrap(), cpu::Architecture::Mips);
    };
    assert_eq!(play(turns, main), (0, 0));
    assert_eq!(answers.get(), 2, "the others were ready earlier, so they went first");
}

#[test]
fn a_message_that_changes_before_the_host_has_read_it_is_sent_once() {
    let menu = |commands: &[(u32, u32, u32, u32)]| {
        let menu: portico_abi::Menu = read(commands[0].3);
        assert_eq!(commands.len(), 1);
        menu.options.size.get()
    };
    let turns = vec![
        turn(move |commands| {
            assert_eq!((commands[0].1, commands[0].2, menu(commands)), (1, which::MENU, 2));
            write(commands[0].3, Number::from(1));
            vec![1]
        }),
        turn(move |commands| {
            assert_eq!((commands[0].0, commands[0].1, menu(commands)), (1, 1, 3));
            vec![1]
        }),
    ];
    let actions = |count: usize| vec![crate::hud::Action::new("Act"); count];
    let main = async move {
        let mut menu = crate::hud::Menu::open(actions(1));
        menu.set(actions(2));
        assert_eq!(menu.next().await.unwrap(), 1);
        menu.set(actions(7));
        menu.set(actions(3));
        anything().await;
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn a_text_that_does_not_fit_is_posted_again_with_room() {
    let long = "é".repeat(400);
    let whole = long.clone();
    let turns = vec![
        turn(|commands| {
            let (_, id, number, data) = commands[0];
            assert_eq!(number, which::OS_NAME);
            assert!(!fill(data, read(data), &"é".repeat(400)));
            vec![id]
        }),
        turn(move |commands| {
            let (id, new, _, data) = commands[0];
            assert_eq!((id, commands.len()), (new, 1));
            assert!(fill(data, read(data), &long));
            vec![id]
        }),
    ];
    assert_eq!(
        play(
            turns,
            async move { assert_eq!(system::os_name().await.unwrap(), whole) }
        ),
        (0, 0)
    );
}

#[test]
fn a_slow_program_loses_no_events_though_the_host_writes_the_same_place_again() {
    let posted = Rc::new(Cell::new((0, List::default())));
    let send = |posted: &Rc<Cell<(u32, List)>>, codes: &[u16]| {
        let (data, list) = posted.get();
        for (index, code) in codes.iter().enumerate() {
            let key = Key {
                micros: 5000.into(),
                code: (*code).into(),
                state: (index % 3) as u8,
                modifiers: 2,
            };
            // SAFETY: there are fewer than the program has posted room for.
            unsafe { pointer::<Key>(list.data.get()).add(index).write_unaligned(key) };
        }
        write(
            data,
            List {
                size: (codes.len() as u32).into(),
                data: list.data,
            },
        );
    };
    let (first, second, third) = (Rc::clone(&posted), Rc::clone(&posted), Rc::clone(&posted));
    let turns = vec![
        turn(move |commands| {
            first.set((commands[0].3, read(commands[0].3)));
            send(&first, &[4, 5]);
            vec![1]
        }),
        turn(move |commands| {
            assert_eq!(commands[0].2, which::TIMER, "nothing is posted again for events");
            send(&second, &[6, 7, 8]);
            vec![1, 2]
        }),
        turn(move |commands| {
            assert_eq!(commands, [(2, 0, 0, 0)]);
            send(&third, &[9]);
            vec![1]
        }),
    ];
    let main = async {
        let mut keys = keys::open();
        let key = keys.next().await.unwrap();
        assert_eq!(
            (key.code, key.state, key.at),
            (4, KeyState::Released, Duration::from_millis(5))
        );
        timer::sleep(Duration::from_secs(1)).await.unwrap();
        let mut codes = Vec::new();
        while let Some(key) = keys.take() {
            codes.push(key.code);
        }
        assert_eq!(codes, [5, 6, 7, 8]);
        assert_eq!(keys.next().await.unwrap().code, 9);
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn dropping_discards_and_the_id_is_used_again() {
    let turns = vec![
        turn(|commands| {
            // It was opened, sent and discarded before the host saw anything; what it reads is still there.
            assert_eq!(commands.len(), 3);
            assert_eq!((commands[0].1, commands[0].2), (1, which::USER_NAME));
            assert!(read::<Text>(commands[0].3).size.get() > 0);
            assert_eq!(commands[1], (1, 0, 0, 0));
            assert_eq!((commands[2].1, commands[2].2), (1, which::FULL_NAME));
            fill(commands[2].3, read(commands[2].3), "Ada");
            vec![1]
        }),
        turn(|commands| {
            assert_eq!(commands, [(1, 0, 0, 0), (0, 0, 7, 0)]);
            vec![]
        }),
    ];
    let main = async {
        drop(user::name());
        assert_eq!(user::full_name().next().await.unwrap(), "Ada");
        crate::runtime::exit(7);
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn what_is_set_of_the_user_goes_out_as_it_is() {
    let turns = vec![
        turn(|commands| {
            let (_, id, number, data) = commands[0];
            assert_eq!(
                (number, string(read(data)).as_str()),
                (which::SET_FULL_NAME, "Ada Lovelace")
            );
            vec![id]
        }),
        turn(|commands| {
            let (_, id, number, data) = *commands.last().unwrap();
            let list: List = read(data);
            let bytes = List {
                size: (list.size.get() * 4).into(),
                ..list
            };
            assert_eq!((number, string(bytes).as_str()), (which::SET_LANGUAGE, "eoXXdeAT"));
            vec![id]
        }),
    ];
    let main = async {
        user::set_full_name("Ada Lovelace").await.unwrap();
        let language = |code: &[u8; 4]| user::Language { code: *code };
        user::set_languages(&[language(b"eoXX"), language(b"deAT")])
            .await
            .unwrap();
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn a_failure_says_why_and_the_channel_is_not_touched_again() {
    let turns = vec![
        turn(|commands| {
            assert_eq!((commands[0].1, commands[0].2), (1, which::FRAME));
            let frame: Frame = read(commands[0].3);
            assert_eq!((frame.width.get(), frame.height.get(), frame.stride.get()), (3, 2, 12));
            vec![1 | CLOSED]
        }),
        turn(|commands| {
            let (_, id, number, data) = commands[0];
            assert_eq!((id, number, commands.len()), (2, which::WHY, 1));
            let mut why: Why = read(data);
            assert_eq!(why.channel.get(), 1);
            fill(data + 8, registered(data, 8, why.text), "not today");
            why = read(data);
            write(data, Why { code: 2.into(), ..why });
            vec![2]
        }),
        // The next frame opens a channel of its own: 1 was never open again, so it is not discarded either.
        turn(|commands| {
            assert_eq!(commands[0], (2, 0, 0, 0));
            assert_eq!((commands[1].0, commands[1].1, commands[1].2), (0, 2, which::FRAME));
            assert_eq!(commands.len(), 2);
            vec![2]
        }),
    ];
    let main = async {
        let mut screen = frame::Screen::new(3, 2);
        let error = screen.show().await.unwrap_err();
        assert_eq!((error.code(), error.why()), (Code::Denied, "not today"));
        assert_eq!(error.to_string(), "denied: not today");
        screen.show().await.unwrap();
    };
    assert_eq!(play(turns, main), (0, 0));
}

/// Makes a field of a struct that was handed over known by its own address.
fn registered(address: u32, offset: usize, list: List) -> List {
    // SAFETY: the field is within the struct.
    crate::host::address(unsafe { pointer::<u8>(address).add(offset) });
    list
}

#[test]
fn a_channel_that_failed_while_nobody_held_it_frees_its_id() {
    let turns = vec![
        turn(|commands| {
            assert_eq!((commands[0].1, commands[1].1), (1, 2));
            vec![1 | CLOSED]
        }),
        turn(|commands| {
            assert_eq!((commands[0].1, commands[0].2), (3, which::WHY));
            assert_eq!(commands.len(), 1);
            // Not even that is answered.
            vec![3 | CLOSED]
        }),
        turn(|commands| {
            assert_eq!((commands[0].1, commands[0].2), (1, which::ARCHITECTURE));
            vec![1]
        }),
    ];
    let main = async {
        let name = user::name();
        let _languages = user::languages();
        anything().await;
        drop(name);
        anything().await;
        cpu::architecture().await.unwrap();
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn an_error_is_logged_before_the_program_ends() {
    let turns = vec![turn(|commands| {
        assert_eq!((commands[0].1, commands[0].2), (1, which::LOG));
        let print: Print = read(commands[0].3);
        assert_eq!(
            (print.level, print.set_name, string(print.text).as_str()),
            (2, 0, "first")
        );
        assert_eq!((commands[1].0, commands[1].1), (1, 1));
        let print: Print = read(commands[1].3);
        assert_eq!((print.level, string(print.text).as_str()), (8, "out of paint"));
        assert_eq!(commands[2], (0, 0, 1, 0));
        vec![]
    })];
    let main = async {
        crate::info!("fir{}", "st");
        Err::<(), _>("out of paint")
    };
    let (code, left) = play(turns, main);
    assert_eq!((code, left), (1, 1));
    crate::runtime::exit(code);
}

#[test]
fn a_program_that_waits_for_nothing_ends() {
    let main = async {
        std::future::pending::<()>().await;
    };
    assert_eq!(play(vec![turn(|_| vec![])], main), (1, 0));
}

#[test]
fn tasks_go_on_beside_each_other_until_the_main_one_ends() {
    let ticks = Rc::new(Cell::new(0));
    let seen = Rc::clone(&ticks);
    let turns = (0..5).map(|_| turn(|_| vec![1])).collect();
    let main = async move {
        spawn(async move {
            let mut timer = timer::every(Duration::from_millis(10));
            loop {
                timer.next().await.unwrap();
                ticks.set(ticks.get() + 1);
            }
        });
        for _ in 0..5 {
            anything().await;
        }
        3
    };
    assert_eq!(play(turns, main), (3, 0));
    assert!(seen.get() >= 4, "{}", seen.get());
}

/// A port's message, as it lies in the program.
fn posted(command: (u32, u32, u32, u32)) -> portico_abi::Port {
    read(command.3)
}

/// Tells a port something: with a body that fits, or with the size that it needs.
fn tell(at: u32, op: PortOp, stream: u32, body: &[u8]) -> bool {
    let was: portico_abi::Port = read(at);
    let fits = body.len() <= was.body.size.get() as usize;
    if fits && !body.is_empty() {
        // SAFETY: it fits into what the program has posted.
        unsafe { pointer::<u8>(was.body.data.get()).copy_from(body.as_ptr(), body.len()) };
    }
    let list = List {
        size: (body.len() as u32).into(),
        data: if fits { was.body.data } else { 0.into() },
    };
    let (op, stream) = (op.number().into(), stream.into());
    write(
        at,
        portico_abi::Port {
            op,
            port: 500.into(),
            peer: 7.into(),
            stream,
            offset: 5.into(),
            body: list,
        },
    );
    fits
}

#[test]
fn a_port_sends_and_then_posts_where_receipts_go() {
    let at = Rc::new(Cell::new(0));
    let (first, second) = (Rc::clone(&at), Rc::clone(&at));
    let turns = vec![
        turn(move |commands| {
            assert_eq!(
                (commands[0].2, posted(commands[0]).op.get()),
                (which::PORT, PortOp::Open.number())
            );
            first.set(commands[0].3);
            assert!(tell(commands[0].3, PortOp::Open, 0, b""));
            vec![1]
        }),
        turn(move |commands| {
            let ops: Vec<_> = commands.iter().map(|command| posted(*command).op.get()).collect();
            assert_eq!(ops, [PortOp::Send.number(), PortOp::Message.number()]);
            let sent = posted(commands[0]);
            assert_eq!(
                (sent.port.get(), sent.peer.get(), string(sent.body)),
                (500, 7, "ping".to_owned())
            );
            assert_eq!(commands[1].3, second.get(), "what is posted last is the channel's own");
            // An answer overtakes the word that there is room.
            assert!(tell(commands[1].3, PortOp::Message, 0, b"pong"));
            vec![1]
        }),
        turn(move |commands| {
            assert_eq!(commands, []);
            assert!(tell(at.get(), PortOp::Send, 0, b""));
            vec![1]
        }),
        turn(|commands| {
            let part = posted(commands[0]);
            assert_eq!(
                (part.op.get(), part.stream.get(), part.offset.get()),
                (PortOp::SendPart.number(), 1, 0)
            );
            assert_eq!(string(part.body), "abc");
            assert!(tell(commands[1].3, PortOp::SendPart, 1, b""));
            vec![1]
        }),
        turn(|commands| {
            let part = posted(commands[0]);
            assert_eq!(
                (part.stream.get(), part.offset.get()),
                (1 | portico_abi::Port::ABORT, 3),
                "it was given up"
            );
            assert!(tell(commands[1].3, PortOp::StreamLost, 1, b""));
            vec![1]
        }),
    ];
    let main = async {
        let mut port = Port::open(0).await.unwrap();
        assert_eq!(port.number(), 500);
        port.send(7, b"ping").await.unwrap();
        assert_eq!(
            port.take(),
            Some(port::Event::Message {
                peer: 7,
                body: b"pong".to_vec()
            })
        );
        port.stream(7).write(b"abc").await.unwrap();
        let lost = port::Lost {
            peer: 7,
            stream: Some(1),
            count: 1,
            code: Code::Disconnected,
        };
        assert_eq!(port.next().await.unwrap(), port::Event::Lost(lost));
    };
    assert_eq!(play(turns, main), (0, 0));
}

#[test]
fn a_port_takes_no_more_than_its_program_does() {
    let large = || "x".repeat(1 << 20);
    let at = Rc::new(Cell::new(0));
    let first = Rc::clone(&at);
    let turns = vec![
        turn(move |commands| {
            assert!(tell(commands[0].3, PortOp::Open, 0, b""));
            first.set(commands[0].3);
            vec![1]
        }),
        turn(move |_| {
            assert!(!tell(at.get(), PortOp::Message, 0, large().as_bytes()));
            vec![1]
        }),
        turn(move |commands| {
            assert!(
                tell(commands[0].3, PortOp::Message, 0, large().as_bytes()),
                "it has made room"
            );
            vec![1]
        }),
        turn(|commands| {
            assert_eq!(
                posted(commands[0]).body,
                List::default(),
                "there is no room for another one"
            );
            assert!(!tell(commands[0].3, PortOp::Message, 0, b"more"));
            vec![1, 2]
        }),
        turn(|commands| {
            // The program has looked at what came: the host may go on, and hears what is sent.
            let commands: Vec<_> = commands.iter().copied().filter(|command| command.0 == 1).collect();
            let ops: Vec<_> = commands.iter().map(|command| posted(*command).op.get()).collect();
            assert_eq!(ops, [3, 1, 3]);
            assert!(posted(commands[0]).body.size.get() > 0);
            assert_eq!(posted(commands[2]).body, List::default());
            assert!(tell(commands[2].3, PortOp::Send, 0, b""));
            vec![1]
        }),
        turn(|commands| {
            assert!(tell(commands[0].3, PortOp::Message, 0, b"more"), "there is room again");
            vec![1]
        }),
    ];
    let main = async move {
        let mut port = Port::open(0).await.unwrap();
        timer::sleep(Duration::ZERO).await.unwrap();
        port.send(7, b"").await.unwrap();
        assert!(matches!(port.next().await, Ok(port::Event::Message { body, .. }) if body.len() == 1 << 20));
        assert!(matches!(port.next().await, Ok(port::Event::Message { body, .. }) if body == b"more"));
    };
    assert_eq!(play(turns, main), (0, 0));
}
