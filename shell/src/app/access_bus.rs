//! Hears when the bus of assistive technology has been started anew, as it is after a crash or an update of it.

/// Watches the bus on a thread of its own; `renewed` is called each time the shell has been connected to another one.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn watch(renewed: impl Fn() + Send + 'static) {
    let follow = move || {
        if let Err(error) = unix::follow(&renewed) {
            tracing::debug!("the bus of assistive technology can't be watched: {error}");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("access-bus".into()).stack_size(256 << 10).spawn(follow) {
        tracing::warn!("no thread to watch the bus of assistive technology: {error}");
    }
}

/// Elsewhere there is no such bus.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub(super) fn watch(_renewed: impl Fn() + Send + 'static) {}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod unix {
    use zbus::blocking::fdo::DBusProxy;
    use zbus::blocking::{Connection, Proxy, connection};
    use zbus::names::{BusName, UniqueName};

    const NAME: &str = "org.a11y.Bus";

    pub(super) fn follow(renewed: &dyn Fn()) -> zbus::Result<()> {
        let session = Connection::session()?;
        let changes = DBusProxy::new(&session)?.receive_name_owner_changed_with_args(&[(0, NAME)])?;
        for change in changes {
            if change.args()?.new_owner().is_none() {
                continue;
            }
            match connected(&session) {
                Ok(true) => renewed(),
                Ok(false) => {}
                Err(error) => tracing::debug!("a new bus of assistive technology: {error}"),
            }
        }
        Ok(())
    }

    /// Waits until the accessibility library of this process has found the present bus; says whether it has before that went.
    ///
    /// The library takes up what it is told of next only when it is done with that.
    fn connected(session: &Connection) -> zbus::Result<bool> {
        let address: String = Proxy::new(session, NAME, "/org/a11y/bus", NAME)?.call("GetAddress", &())?;
        let bus = connection::Builder::address(address.as_str())?.build()?;
        let names = DBusProxy::new(&bus)?;
        let changes = names.receive_name_owner_changed()?;
        let is_ours = |name: &UniqueName<'_>| {
            let process = || names.get_connection_unix_process_id(BusName::Unique(name.as_ref())).ok();
            bus.unique_name().is_none_or(|own| own.as_str() != name.as_str()) && process() == Some(std::process::id())
        };
        let here = names.list_names()?;
        if here.iter().any(|name| matches!(name.inner(), BusName::Unique(name) if is_ours(name))) {
            return Ok(true);
        }
        for change in changes {
            if change.args()?.new_owner().as_ref().is_some_and(|owner| is_ours(owner)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
