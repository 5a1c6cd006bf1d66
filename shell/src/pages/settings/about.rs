//! What this is.

use crate::chrome::theme::UNIT;
use crate::pages::widgets::Column;
use crate::strings;

pub(super) fn show(column: &mut Column<'_, '_>) {
    column.title(strings::settings_about());
    column.heading(&format!("Portico {}", env!("CARGO_PKG_VERSION")));
    column.gap(UNIT / 2.0);
    column.text(strings::about_portico());
    column.gap(2.0 * UNIT);
    column.fact(
        strings::about_system(),
        &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    );
    column.fact(strings::about_licence(), "MIT OR Apache-2.0");
    column.fact(strings::about_fonts(), "Inter (OFL 1.1)");
}
