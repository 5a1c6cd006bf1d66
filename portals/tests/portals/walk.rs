//! Every number of the table.

use crate::probe::{FREE, Probe};
use portico_abi::{CLOSED, which};
use portico_kernel::{
    Code, DefaultAccess, Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionStatus,
};
use portico_portals::{Host, MemoryClipboard, Services, TABLE, Window};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// All that does not change this machine.
struct Harmless;

impl Grants for Harmless {
    fn status(&self, permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::from(permission.portal != "overclock")
    }
}

/// Opens command N with 64 zeros, next to a timer that is ready at once; exits with 100 if it was not closed, else with why.
const PROGRAM: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x104) "\01\00\00\00NUMB\00\10\00\00")
  (data (i32.const 0x114) "\02\00\00\00\2e\00\00\00\00\11\00\00")
  (data (i32.const 0x204) "\03\00\00\00\2d\00\00\00\00\12\00\00")
  (data (i32.const 0x1200) "\01\00\00\00\00\00\00\00\00\02\00\00\00\13\00\00")
  (func (export "run") (local $code i32)
    (drop (call $ar (i32.const 2) (i32.const 0x100) (i32.const 0x2000)))
    (local.set $code (i32.const 100))
    (if (i32.eq (i32.load (i32.const 0x2000)) (i32.const 0x80000001))
      (then
        (drop (call $ar (i32.const 1) (i32.const 0x200) (i32.const 0x2000)))
        (local.set $code (i32.load (i32.const 0x1204)))))
    (i32.store (i32.const 0x308) (local.get $code))
    (drop (call $ar (i32.const 1) (i32.const 0x300) (i32.const 0)))))"#;

#[test]
fn every_number_answers() {
    let kernel = Kernel::<Host>::new(TABLE, None, InProcess).unwrap();
    let rows: Vec<_> = TABLE.iter().flat_map(|portal| portal.commands).collect();
    for number in 0..which::COUNT + 3 {
        let text = PROGRAM.replace("NUMB", &format!("\\{number:02x}\\00\\00\\00"));
        let program = kernel
            .load(&wat::parse_str(text).unwrap(), &LoadOptions::default())
            .unwrap();
        let fakes = Arc::new(portico_portals::fakes::Fakes::default());
        let window = Window::new(Arc::clone(&fakes) as _);
        let (tell, told) = channel();
        let services = Services {
            clipboard: Arc::new(MemoryClipboard::default()),
            ..Services::absent()
        };
        let host = Host::new(window, Vec::new(), fakes, services);
        kernel
            .start(&program, host, Arc::new(Harmless), Limits::default(), move |exit| {
                tell.send(exit).unwrap()
            })
            .unwrap();
        let exit = told.recv_timeout(Duration::from_secs(20)).unwrap();
        let served = rows.iter().any(|row| row.number == number && row.open.is_some());
        let expected: &[u32] = match number {
            // A frame without pixels, the first of no tabs, no name, no language and no title.
            which::FRAME | which::TABS | which::NOTIFICATION | which::SET_USER_NAME..=which::SET_LANGUAGE => {
                &[Code::Invalid as u32]
            }
            // A channel that was never closed has no why; without windows there is nobody who could start a program; nobody's
            // task has no parent; there is no broker.
            which::WHY | which::LAUNCH | which::PARENT | which::PORT | which::RESOLVE => &[Code::Unavailable as u32],
            // No bytes are no module, which takes a moment to find out.
            which::SPAWN => &[100, Code::Invalid as u32],
            // A boost that is on has no number.
            which::OVERCLOCK => &[100, Code::Unsupported as u32],
            which::SET_OVERCLOCK => &[Code::Denied as u32],
            _ if served => &[100],
            _ => &[Code::Unsupported as u32],
        };
        assert!(
            matches!(exit, Exit::Code(code) if expected.contains(&code)),
            "command {number}: {exit:?}"
        );
    }
}

#[test]
fn some_are_one_per_program() {
    for row in TABLE
        .iter()
        .flat_map(|portal| portal.commands)
        .filter(|row| row.open.is_some())
    {
        // What needs more than zeros to open.
        let more = [
            which::FRAME,
            which::TABS,
            which::WHY,
            which::OVERCLOCK,
            which::SET_OVERCLOCK,
            which::NOTIFICATION,
        ];
        let names = which::SET_USER_NAME..=which::SET_LANGUAGE;
        if more.contains(&row.number)
            || names.contains(&row.number)
            || [which::SPAWN, which::PARENT].contains(&row.number)
        {
            continue;
        }
        let mut probe = Probe::start();
        probe.open(1, row.number, FREE).go();
        let ready = probe.open(2, row.number, FREE + 0x100).go();
        assert_eq!(ready.contains(&(2 | CLOSED)), row.single, "{}: {ready:x?}", row.name);
        if row.single {
            assert_eq!(probe.why(2), Code::Limit, "{}", row.name);
            let ready = probe.discard(1).open(2, row.number, FREE).go();
            assert!(!ready.contains(&(2 | CLOSED)), "{}: {ready:x?}", row.name);
        }
    }
}
