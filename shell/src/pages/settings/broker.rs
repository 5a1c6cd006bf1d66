//! The message broker: when it runs, and what there is on it.

use super::set;
use crate::broker::Overview;
use crate::chrome::theme::UNIT;
use crate::pages::widgets::Column;
use crate::strings;
use portico_model::preferences::Preferences;

pub(super) fn show(column: &mut Column<'_, '_>, now: &Preferences, overview: Option<&Option<Overview>>) {
    column.title(strings::settings_broker());
    column.note(strings::broker_about());
    column.gap(2.0 * UNIT);
    column.heading(strings::broker_start());
    column.gap(UNIT / 2.0);
    let choices = [
        (strings::broker_when_asked(), !now.broker),
        (strings::broker_with_shell(), now.broker),
    ];
    if let Some(index) = column.choices(strings::broker_start(), &choices) {
        set(
            column,
            Preferences {
                broker: index == 1,
                ..now.clone()
            },
        );
    }
    column.gap(3.0 * UNIT);
    // Nothing is said before it is known.
    let Some(overview) = overview else { return };
    let Some(overview) = overview else {
        return column.text(strings::broker_none());
    };
    column.heading(strings::broker_connections());
    column.gap(UNIT / 2.0);
    for connected in &overview.connections {
        column.fact(&connected.name, &strings::broker_ports_open(connected.ports));
        let (sent, received) = (connected.sent.to_string(), connected.received.to_string());
        // The values of a text come in the order of their names.
        column.note(&strings::broker_traffic(&received, &sent));
        column.gap(UNIT);
    }
    if overview.connections.is_empty() {
        column.note(strings::broker_nobody());
    }
    if !overview.ports.is_empty() {
        column.gap(2.0 * UNIT);
        column.heading(strings::broker_ports());
        column.gap(UNIT / 2.0);
        for port in &overview.ports {
            let owner = overview
                .connections
                .iter()
                .find(|connected| connected.number == port.owner);
            column.fact(
                &port.number.to_string(),
                owner.map(|owner| &*owner.name).unwrap_or_default(),
            );
            if !port.handles.is_empty() {
                column.note(&strings::broker_handles(&port.handles.join(", ")));
                column.gap(UNIT);
            }
        }
    }
    if !overview.services.is_empty() {
        column.gap(2.0 * UNIT);
        column.heading(strings::broker_services());
        column.gap(UNIT / 2.0);
        for service in &overview.services {
            column.fact(&service.kind, &strings::broker_processes(service.processes));
        }
    }
}
