//! What is read from others: frames, object ids, service files. It is refused, or means the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_broker::{ObjectId, Service, client, wire};
use wire::{Fixed, Kind};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(object) = text.parse::<ObjectId>() {
            assert_eq!(object.to_string(), text);
        }
        if let Ok(service) = Service::parse(text) {
            assert!(portico_broker::is_type(&service.kind) && !service.ports.contains(&0));
        }
    }
    client::drive(data);
    let Ok(Some(head)) = wire::head(data) else { return };
    assert!(head.length >= head.kind.fixed());
    match head.kind {
        Kind::OpenPort => again::<wire::OpenPort>(head, data),
        Kind::OpenedPort => again::<wire::OpenedPort>(head, data),
        Kind::ClosePort => again::<wire::ClosePort>(head, data),
        Kind::ClosedPort => again::<wire::ClosedPort>(head, data),
        Kind::SendMessage => again::<wire::SendMessage>(head, data),
        Kind::SendChunk => again::<wire::SendChunk>(head, data),
        Kind::DeliverMessage => again::<wire::DeliverMessage>(head, data),
        Kind::DeliverChunk => again::<wire::DeliverChunk>(head, data),
        Kind::Reboot => again::<wire::Reboot>(head, data),
        Kind::Shutdown => again::<wire::Shutdown>(head, data),
        Kind::Failed => again::<wire::Failed>(head, data),
        Kind::Authenticate => again::<wire::Authenticate>(head, data),
        Kind::Authenticated => again::<wire::Authenticated>(head, data),
        Kind::Prove => again::<wire::Prove>(head, data),
        Kind::Challenge => again::<wire::Challenge>(head, data),
        Kind::Proof => again::<wire::Proof>(head, data),
        Kind::Serve => again::<wire::Serve>(head, data),
        Kind::Serving => again::<wire::Serving>(head, data),
        Kind::Resolve => again::<wire::Resolve>(head, data),
        Kind::Resolved => again::<wire::Resolved>(head, data),
        Kind::SendRight => again::<wire::SendRight>(head, data),
        Kind::DeliverRight => again::<wire::DeliverRight>(head, data),
        Kind::List => again::<wire::List>(head, data),
        Kind::Listing => again::<wire::Listing>(head, data),
        Kind::Label => again::<wire::Label>(head, data),
    }
});

/// What is a frame is the same frame when it is written, but for the version and the pad; a byte less or more is none.
fn again<T: Fixed>(head: wire::Head, data: &[u8]) {
    let Some(frame) = data.get(..head.length) else {
        assert!(wire::whole::<T>(head, data).is_err());
        return;
    };
    if let Ok((fixed, rest)) = wire::whole::<T>(head, frame) {
        let written = fixed.frame(rest);
        assert_eq!((&written[1..3], &written[4..]), (&frame[1..3], &frame[4..]));
        assert!(wire::whole::<T>(head, &frame[..frame.len() - 1]).is_err());
        assert!(wire::whole::<T>(head, &[frame, &[0]].concat()).is_err());
    }
}
