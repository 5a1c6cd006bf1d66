//! The framebuffer: command 35.

use crate::probe::{FREE, MEMORY, Probe};
use portico_abi::{CLOSED, Frame, which};
use portico_kernel::Code;
use portico_portals::Scale;
use portico_portals::fakes::FakeFrame;

const AT: u32 = 0x6000;

fn frame(width: u32, height: u32, stride: u32, pixels: u32) -> Frame {
    Frame {
        width: width.into(),
        height: height.into(),
        stride: stride.into(),
        scale: Scale::Multiple.number().into(),
        pixels: pixels.into(),
    }
}

#[test]
fn impossible_frames_are_invalid_and_reach_nobody() {
    let mut probe = Probe::start();
    let invalid = [
        frame(0, 1, 4, FREE),
        frame(1, 0, 4, FREE),
        frame(16_385, 1, 4 * 16_385, FREE),
        frame(1, 16_385, 4, FREE),
        frame(65_535, 65_535, 4 * 65_535, FREE),
        frame(u32::MAX, u32::MAX, u32::MAX, u32::MAX),
        frame(2, 2, 7, FREE),
        frame(16_384, 16_384, 0, FREE),
        frame(2, 2, 8, 0),
    ];
    for message in invalid {
        assert_eq!(
            probe.put(AT, &message).fails(which::FRAME, AT),
            Code::Invalid,
            "{message:?}"
        );
    }
    let scale = Frame {
        scale: 4.into(),
        ..frame(2, 2, 8, FREE)
    };
    assert_eq!(probe.put(AT, &scale).fails(which::FRAME, AT), Code::Unsupported);
    assert_eq!(*probe.fakes.frames.lock(), []);
}

#[test]
fn pixels_outside_memory_trap() {
    let outside = [
        frame(16_384, 16_384, 4 * 16_384, FREE),
        frame(2, 2, 8, MEMORY - 15),
        frame(2, 2, 0xFFFF_FFF0, FREE),
        frame(1, 16_384, u32::MAX, FREE),
        frame(2, 2, 8, u32::MAX),
    ];
    for message in outside {
        let mut probe = Probe::start();
        let report = probe.put(AT, &message).open(1, which::FRAME, AT).trap();
        assert!(report.details.contains("`pixels`"), "{message:?}: {report:?}");
        assert!(report.details.contains("channel 1"), "{report:?}");
        assert_eq!(*probe.fakes.frames.lock(), []);
    }
    let report = Probe::start().open(1, which::FRAME, MEMORY - 19).trap();
    assert!(report.details.contains("`Frame`"), "{report:?}");
}

#[test]
fn pixels_reach_the_screen_byte_for_byte() {
    let mut probe = Probe::start();
    // The last row needs no stride: this ends where memory does.
    let pixels = MEMORY - 20;
    let bytes: Vec<u8> = (1..=20).collect();
    probe.put(pixels, bytes.as_slice()).put(AT, &frame(2, 2, 12, pixels));
    assert_eq!(probe.open(1, which::FRAME, AT).go(), [1]);
    let picture = FakeFrame {
        width: 2,
        height: 2,
        stride: 12,
        scale: Scale::Multiple,
        pixels: bytes,
    };
    assert_eq!(*probe.fakes.frames.lock(), [picture]);

    // A frame that is not possible closes the channel; the next one opens it anew.
    assert_eq!(probe.put(AT, &frame(0, 0, 0, 0)).send(1, AT).go(), [1 | CLOSED]);
    assert_eq!(probe.put(AT, &frame(1, 1, 4, FREE)).open(1, which::FRAME, AT).go(), [1]);
    assert_eq!(probe.fakes.frames.lock()[1].pixels, [0; 4]);
}

#[test]
fn a_program_goes_on_when_its_frame_was_shown() {
    let mut probe = Probe::start();
    *probe.fakes.later.lock() = Some(Vec::new());
    probe.put(AT, &frame(1, 1, 4, FREE));
    assert_eq!(probe.open(1, which::FRAME, AT).go(), [0; 0]);
    // A second frame replaces the first: one ready for both.
    assert_eq!(probe.send(1, AT).go(), [0; 0]);
    let wakers = probe.fakes.later.lock().replace(Vec::new()).unwrap();
    assert_eq!(wakers.len(), 2);
    wakers[1].ready();
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.go(), [0; 0], "it was told twice");
}
