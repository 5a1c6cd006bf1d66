//! Hears when the bus of assistive technology has been started anew, as it is after a crash or an update of it.
//!
//! The accessibility library looks for the bus only when it is told that assistive technology has been turned on. Where that is
//! a setting of the desktop's, the new provider of the bus begins with it on, and nobody is told anything.

/// Watches the bus on a thread of its own; `renewed` is called each time the accessibility library has connected to another one.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn watch(renewed: impl Fn() + Send + 'static) {
    let follow = move || {
        if let Err(error) = unix::follow(&renewed) {
            tracing::debug!("the bus of assistive technology can't be watched: {error}");
        }
    };
    if let Err(error) = std::thread::Builder::new()
        .name("access-bus".into())
        .stack_size(256 << 10)
        .spawn(follow)
    {
        tracing::warn!("no thread to watch the bus of assistive technology: {error}");
    }
}

/// Elsewhere there is no such bus.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub(super) fn watch(_renewed: impl Fn() + Send + 'static) {}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod unix {
    use futures_lite::{StreamExt as _, future};
    use std::pin::Pin;
    use zbus::fdo::DBusProxy;
    use zbus::names::{BusName, UniqueName};
    use zbus::zvariant::Value;
    use zbus::{Connection, Message, Proxy, connection};

    const NAME: &str = "org.a11y.Bus";
    const PATH: &str = "/org/a11y/bus";
    const STATUS: &str = "org.a11y.Status";

    enum Event {
        /// Somebody else provides the bus, or nobody; `None` with the end of the session.
        Owner(Option<bool>),
        /// The present bus has gone.
        Gone(zbus::Result<()>),
    }

    pub(super) fn follow(renewed: &dyn Fn()) -> zbus::Result<()> {
        pollster::block_on(async {
            let session = Connection::session().await?;
            let names = DBusProxy::new(&session).await?;
            let mut owners = names.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
            let mut present: Option<Pin<Box<dyn Future<Output = zbus::Result<()>> + '_>>> = None;
            loop {
                let owner = async {
                    let change = owners.next().await;
                    Event::Owner(change.map(|change| change.args().is_ok_and(|change| change.new_owner().is_some())))
                };
                let gone = async {
                    match &mut present {
                        Some(present) => Event::Gone(present.as_mut().await),
                        None => future::pending().await,
                    }
                };
                let event = future::or(owner, gone).await;
                match event {
                    Event::Owner(None) => return Ok(()),
                    Event::Owner(Some(provided)) => {
                        present = provided.then(|| Box::pin(follow_present(&session, renewed)) as _);
                    }
                    Event::Gone(why) => {
                        present = None;
                        if let Err(error) = why {
                            tracing::debug!("a new bus of assistive technology: {error}");
                        }
                    }
                }
            }
        })
    }

    /// Tells of each connection that the accessibility library of this process makes to the present bus, until that goes. There
    /// may be several: another shell, too, may have the provider tell again.
    ///
    /// The library takes up what it is told of next only when it is done with connecting.
    async fn follow_present(session: &Connection, renewed: &dyn Fn()) -> zbus::Result<()> {
        let provider = Proxy::new(session, NAME, PATH, NAME).await?;
        let address: String = provider.call("GetAddress", &()).await?;
        let bus = connection::Builder::address(address.as_str())?.build().await?;
        let names = DBusProxy::new(&bus).await?;
        let mut changes = names.receive_name_owner_changed().await?;
        let mut is_connected = false;
        for name in names.list_names().await? {
            if let BusName::Unique(name) = name.inner() {
                is_connected |= is_ours(&bus, &names, name).await;
            }
        }
        if is_connected {
            renewed();
        } else if Proxy::new(session, NAME, PATH, STATUS)
            .await?
            .get_property::<bool>("IsEnabled")
            .await?
        {
            tell_again(session).await?;
        }
        while let Some(change) = changes.next().await {
            if let Some(owner) = change.args()?.new_owner().as_ref()
                && is_ours(&bus, &names, owner).await
            {
                renewed();
            }
        }
        Ok(())
    }

    /// Has the provider of the bus tell again that assistive technology is on. It tells only of changes, so it is turned off and on;
    /// nothing is waited for between the two, so that an end of this process does not leave it off.
    async fn tell_again(session: &Connection) -> zbus::Result<()> {
        for on in [false, true] {
            let change = Message::method_call(PATH, "Set")?
                .destination(NAME)?
                .interface("org.freedesktop.DBus.Properties")?
                .build(&(STATUS, "IsEnabled", Value::from(on)))?;
            session.send(&change).await?;
        }
        Ok(())
    }

    /// Whether this process has a connection of that name, besides `bus`.
    async fn is_ours(bus: &Connection, names: &DBusProxy<'_>, name: &UniqueName<'_>) -> bool {
        bus.unique_name().is_none_or(|own| own.as_str() != name.as_str())
            && names
                .get_connection_unix_process_id(BusName::Unique(name.as_ref()))
                .await
                .is_ok_and(|process| process == std::process::id())
    }
}
