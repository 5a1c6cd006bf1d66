//! What the services say, over real sockets: in both languages the same.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use serde_json::json;
use support::Which::{History, Storage};
use support::{Place, languages};

#[test]
fn storage_speaks_as_the_original_does() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(Storage);
        let (done, no) = (json!({ "result": true }), json!({ "result": false }));
        let value = |bytes: &str| json!({ "result": true, "value": bytes });
        let nothing = json!({ "result": false, "value": "" });
        let key = json!({ "key": "foo" });
        assert_eq!(asker.ask(Storage, "exists", key.clone()), no);
        assert_eq!(asker.ask(Storage, "get", key.clone()), nothing);
        assert_eq!(asker.ask(Storage, "delete", key.clone()), done, "nothing to delete");
        assert_eq!(
            asker.ask(Storage, "update", json!({ "key": "foo", "value": "YmFy" })),
            done,
            "nothing to update"
        );
        assert_eq!(asker.ask(Storage, "exists", key.clone()), no, "nor is it set by that");
        assert_eq!(
            asker.ask(Storage, "set", json!({ "key": "foo", "value": "YmFy" })),
            done
        );
        assert_eq!(asker.ask(Storage, "exists", key.clone()), done);
        assert_eq!(asker.ask(Storage, "get", key.clone()), value("YmFy"));
        let why = asker.refused(Storage, "set", json!({ "key": "foo", "value": "b3RoZXI=" }));
        assert!(why.contains("update"), "{why}");
        assert_eq!(asker.ask(Storage, "get", key.clone()), value("YmFy"), "set twice");
        assert_eq!(
            asker.ask(Storage, "update", json!({ "key": "foo", "value": "b3RoZXI=" })),
            done
        );
        assert_eq!(asker.ask(Storage, "get", key.clone()), value("b3RoZXI="));
        assert_eq!(asker.ask(Storage, "delete", key.clone()), done);
        assert_eq!(asker.ask(Storage, "exists", key.clone()), no);
        assert_eq!(
            asker.ask(Storage, "set", json!({ "key": "foo", "value": "" })),
            done,
            "after it was deleted"
        );
        assert_eq!(asker.ask(Storage, "get", key), value(""), "empty, and there");
        // Any key, any bytes, and what isn't known is passed over.
        for key in [
            "",
            "a b",
            "ĉiuj ŝlosiloj \u{1f511}",
            "foo'); drop table storage; --",
            "\0",
        ] {
            assert_eq!(
                asker.ask(Storage, "set", json!({ "key": key, "value": "AP8=", "more": 1 })),
                done,
                "{key:?}"
            );
            assert_eq!(
                asker.ask(Storage, "get", json!({ "key": key })),
                value("AP8="),
                "{key:?}"
            );
        }
        // What is longer than a frame to an old client may be.
        let long = "QUFB".repeat(1 << 20);
        assert_eq!(asker.ask(Storage, "set", json!({ "key": "long", "value": long })), done);
        assert_eq!(asker.ask(Storage, "get", json!({ "key": "long" })), value(&long));
    }
}

#[test]
fn history_speaks_as_the_original_does() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(History);
        let at = |time: &str| format!("2026-03-01T{time}");
        let mut add = |time: &str, subject: &str, event: &str| {
            let answer = asker.ask(
                History,
                "add_event",
                json!({ "timestamp": time, "subject": subject, "event": event }),
            );
            assert_eq!(answer, json!({ "result": true }));
        };
        // In no order, and written in several ways.
        add(&at("10:00:02.5"), "text::b", "modified");
        add(&at("10:00:01"), "text::a", "created");
        add("2026-03-01T12:00:01+02:00", "text::a", "read");
        add(&at("10:00:03Z"), "text::c", "printed");
        add("1969-12-31 23:59:59.999999999", "text::old", "created");
        add("2026-03-01t05:00:02.500000001-05:00", "text::d", "read");
        let row = |time: &str, subject: &str, event: &str| json!([time, subject, event]);
        let (a, also_a) = (
            row(&at("10:00:01"), "text::a", "created"),
            row("2026-03-01T12:00:01+02:00", "text::a", "read"),
        );
        let b = row(&at("10:00:02.5"), "text::b", "modified");
        let d = row("2026-03-01t05:00:02.500000001-05:00", "text::d", "read");
        let c = row(&at("10:00:03Z"), "text::c", "printed");
        let old = row("1969-12-31 23:59:59.999999999", "text::old", "created");
        let mut events = |start: &str, count: u64, older: bool| {
            let from = json!({ "start_time": start, "count": count, "older": older });
            let answer = asker.ask(History, "get_events", from);
            assert_eq!(answer["result"], true);
            answer["events"].clone()
        };
        assert_eq!(
            events(&at("10:00:01"), 10, false),
            json!([a, also_a, b, d, c]),
            "from then on"
        );
        assert_eq!(events(&at("10:00:01"), 2, false), json!([a, also_a]));
        assert_eq!(
            events(&at("10:00:02.5Z"), 10, true),
            json!([b, also_a, a, old]),
            "that one and before"
        );
        assert_eq!(events(&at("10:00:02.500000001"), 1, true), json!([d]));
        assert_eq!(events("9999-12-30T00:00:00Z", 0, true), json!([]));
        assert_eq!(
            events("0001-01-02T00:00:00Z", u64::from(u32::MAX), false),
            json!([old, a, also_a, b, d, c])
        );
        assert_eq!(events("0001-01-02T00:00:00Z", 5, true), json!([]));
        let mut period = |start: &str, end: &str| {
            let of = json!({ "start_time": start, "end_time": end });
            let answer = asker.ask(History, "get_events_for_period", of);
            assert_eq!(answer["result"], true);
            answer["events"].clone()
        };
        assert_eq!(
            period(&at("10:00:01"), &at("10:00:02.500000001")),
            json!([a, also_a, b]),
            "without its end"
        );
        assert_eq!(period(&at("10:00:02"), &at("10:00:01")), json!([]), "backwards");
        assert_eq!(period(&at("10:00:02"), &at("10:00:02")), json!([]));
    }
}

#[test]
fn what_makes_no_sense_is_said_and_does_no_harm() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(Storage);
        asker.resolve(History);
        for data in [
            &b"no JSON"[..],
            b"",
            b"[1]",
            b"{}",
            b"\xff",
            b"{\"method\": 1, \"xid\": \"xxx\"}",
            b"{\"method\": \"get\"",
        ] {
            for which in [Storage, History] {
                let answer = asker.raw(which, data).unwrap();
                assert_eq!(answer["result"], false, "{data:?}");
                assert!(answer["description"].is_string(), "{data:?}: {answer}");
            }
        }
        let answer = asker
            .raw(Storage, b"{\"method\": \"polish\", \"xid\": \"xxx\"}")
            .unwrap();
        assert_eq!((&answer["method"], &answer["xid"]), (&json!("polish"), &json!("xxx")));
        assert!(
            answer["description"].as_str().unwrap().contains("unknown method"),
            "{answer}"
        );
        for method in ["_answer", "run", "__init__", "Set", ""] {
            asker.refused(Storage, method, json!({}));
        }
        for (method, fields) in [
            ("set", json!({ "key": "a" })),
            ("set", json!({ "value": "" })),
            ("set", json!({ "key": 1, "value": "" })),
            ("set", json!({ "key": "a", "value": null })),
            ("set", json!({ "key": "a", "value": "no base64!" })),
            ("set", json!({ "key": "a", "value": "QQ" })),
            ("update", json!({ "key": ["a"], "value": "" })),
            ("get", json!({})),
            ("exists", json!({ "key": null })),
            ("delete", json!({ "key": {} })),
        ] {
            asker.refused(Storage, method, fields);
        }
        assert_eq!(
            asker.ask(Storage, "exists", json!({ "key": "a" })),
            json!({ "result": false })
        );
        let now = "2026-03-01T10:00:00Z";
        for (method, fields) in [
            ("add_event", json!({ "timestamp": now, "subject": "a" })),
            ("add_event", json!({ "timestamp": 5, "subject": "a", "event": "read" })),
            (
                "add_event",
                json!({ "timestamp": "yesterday", "subject": "a", "event": "read" }),
            ),
            (
                "add_event",
                json!({ "timestamp": "2026-02-30T10:00:00Z", "subject": "a", "event": "read" }),
            ),
            (
                "add_event",
                json!({ "timestamp": "2026-03-01T25:00:00Z", "subject": "a", "event": "read" }),
            ),
            ("get_events", json!({ "start_time": now, "count": -1, "older": true })),
            ("get_events", json!({ "start_time": now, "count": 1.5, "older": true })),
            ("get_events", json!({ "start_time": now, "count": 1, "older": "true" })),
            ("get_events", json!({ "start_time": now, "older": true })),
            ("get_events_for_period", json!({ "start_time": now })),
        ] {
            asker.refused(History, method, fields);
        }
        let all = json!({ "start_time": "0001-01-02T00:00:00Z", "count": 10, "older": false });
        assert_eq!(asker.ask(History, "get_events", all)["events"], json!([]));
    }
}

#[test]
fn what_is_too_much_for_a_message_is_said() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(History);
        let subject = "x".repeat(20 << 20);
        for second in 0..4 {
            let event =
                json!({ "timestamp": format!("2026-03-01T10:00:0{second}Z"), "subject": subject, "event": "read" });
            assert_eq!(asker.ask(History, "add_event", event)["result"], true);
        }
        let from = |count: u64| json!({ "start_time": "2026-03-01T10:00:00Z", "count": count, "older": false });
        let why = asker.refused(History, "get_events", from(4));
        assert!(why.contains("too long"), "{why}");
        assert_eq!(
            asker.ask(History, "get_events", from(2))["events"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
    }
}
