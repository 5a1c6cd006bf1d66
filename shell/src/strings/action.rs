//! Texts that depend on the state of a window.

use super::*;
use portico_kernel::escaped;
use portico_model::{
    EndReport, Outcome, PageKind, ShellAction, ShellActionText, ShellShortcut, WindowModel, Wording, shortcut_keys,
};
use portico_portals::Shortcut;

/// Words of the HUD's own entries.
pub const WORDING: Wording = Wording {
    shell_action,
    switch_to,
    open_typed: |query| open_typed(query),
};

/// The text of an action of the shell, as it would act on this window now.
fn shell_action(action: ShellAction, window: &WindowModel) -> ShellActionText {
    let (name, description, tags) = match action {
        ShellAction::Fullscreen if window.is_fullscreen() => {
            (leave_full_screen(), leave_full_screen_about(), leave_full_screen_tags())
        }
        ShellAction::Fullscreen => (full_screen(), full_screen_about(), full_screen_tags()),
        ShellAction::Screenshot => (screenshot(), screenshot_about(), screenshot_tags()),
        ShellAction::Minimise => (minimise_window(), minimise_window_about(), minimise_window_tags()),
        ShellAction::Maximise if window.is_maximised() => {
            (restore_window(), restore_window_about(), restore_window_tags())
        }
        ShellAction::Maximise => (maximise_window(), maximise_window_about(), maximise_window_tags()),
        ShellAction::SaveLog => (save_log(), save_log_about(), save_log_tags()),
        ShellAction::Restart => (restart(), restart_about(), restart_tags()),
        ShellAction::End => (end_program(), end_program_about(), end_program_tags()),
        ShellAction::Close if window.is_builtin() => (close_own(), close_own_about(), close_own_tags()),
        ShellAction::Open(PageKind::Home) => (home(), home_about(), home_tags()),
        ShellAction::Open(PageKind::Settings) => (settings(), settings_about_page(), settings_tags()),
        ShellAction::Open(PageKind::Tasks) => (tasks(), tasks_about(), tasks_tags()),
        ShellAction::Open(PageKind::Log) => (log(), log_about(), log_tags()),
        ShellAction::Permissions => (permissions(), permissions_about(), permissions_tags()),
        ShellAction::ShowLog => (show_log(), show_log_about(), show_log_tags()),
        ShellAction::Close => (close_program(), close_program_about(), close_program_tags()),
    };
    ShellActionText {
        name,
        description,
        tags,
    }
}

/// Title of a built-in page.
pub fn page(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Home => home(),
        PageKind::Settings => settings(),
        PageKind::Tasks => tasks(),
        PageKind::Log => log(),
    }
}

/// What a shortcut of the shell does.
pub fn shell_shortcut(what: ShellShortcut) -> &'static str {
    match what {
        ShellShortcut::Hud => shortcut_hud(),
        ShellShortcut::HudAlso => shortcut_hud_also(),
        ShellShortcut::Fullscreen => full_screen(),
        ShellShortcut::Search => shortcut_search(),
        ShellShortcut::Toolbar => shortcut_toolbar(),
        ShellShortcut::Settings => settings(),
        ShellShortcut::Tasks => tasks(),
        ShellShortcut::Log => log(),
    }
}

/// A shortcut as people read it, for example `Ctrl+Shift+S`; letters as on a US keyboard.
pub fn shortcut(shortcut: Shortcut) -> String {
    shortcut_keys(shortcut)
        .iter()
        .map(|name| key_cap(name))
        .collect::<Vec<_>>()
        .join("+")
}

/// What people call the key of an English name.
fn key_cap(name: &str) -> String {
    let known = |name: &str| key(&name.to_lowercase().replace(' ', "-")).map(str::to_owned);
    let known_or_same = |name: &str| known(name).unwrap_or_else(|| name.to_owned());
    match (known(name), name.strip_prefix("Num "), name.strip_prefix("Key ")) {
        (Some(known), ..) => known,
        (None, Some(rest), _) => keypad(&known_or_same(rest)),
        (None, None, Some(code)) => unknown_key(code),
        (None, None, None) => name.to_owned(),
    }
}

/// One sentence that says how a program ended.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Code(code) => ended_code((*code).into()),
        Outcome::Ended => was_ended().into(),
        Outcome::Trap { summary, .. } | Outcome::Refused { summary, .. } => summary.clone(),
    }
}

/// Heading of the page that a program leaves behind.
pub fn page_title(outcome: &Outcome, title: &str) -> String {
    match outcome {
        Outcome::Code(_) | Outcome::Ended => has_ended(title),
        Outcome::Trap { .. } => has_stopped(title),
        Outcome::Refused { .. } => cannot_open(title),
    }
}

/// Report of a program's end, as text.
pub fn end_report(end: &EndReport) -> String {
    let (title, said) = (page_title(&end.outcome, &end.name), outcome(&end.outcome));
    let mut report = format!("{title}\n{said}\n");
    if !end.outcome.details().is_empty() {
        report.push_str(end.outcome.details().trim_end());
        report.push('\n');
    }
    report.push_str(&format!("Program: {}\n", escaped(&end.file)));
    if let Some(program) = &end.program {
        report.push_str(&format!("Hash: {}\n", escaped(program)));
    }
    report
}

/// Name of a tab for those who hear it.
pub fn tab(title: &str, badge: u32) -> String {
    if badge == 0 {
        title.into()
    } else {
        format!("{title}, {badge}")
    }
}
