//! Completions and the manual page, both made of the command line's own description.

use super::{Cli, USAGE, fail, print};
use clap::CommandFactory as _;
use clap_mangen::Man;
use std::io::{self, Write as _};

/// `portico completions SHELL`.
pub(super) fn completions(shell: clap_complete::Shell) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "portico", &mut text);
    print(&text)
}

/// `portico man`: one page, with a section for each command.
pub(super) fn page() -> u8 {
    match manual() {
        Ok(text) => print(&text),
        Err(error) => fail(USAGE, error),
    }
}

fn manual() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command.clone());
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let shown = |command: &&clap::Command| command.get_name() != "help" && !command.is_hide_set();
    for command in command.get_subcommands().filter(shown) {
        writeln!(text, ".SH \"PORTICO {}\"", command.get_name().to_uppercase())?;
        let (man, mut part) = (Man::new(command.clone()), Vec::new());
        man.render_description_section(&mut part)?;
        man.render_synopsis_section(&mut part)?;
        man.render_options_section(&mut part)?;
        if command.has_subcommands() {
            man.render_subcommands_section(&mut part)?;
        }
        // Sections of a page of its own are parts of a section here.
        let part = String::from_utf8_lossy(&part);
        for line in part
            .lines()
            .filter(|line| !line.starts_with(".ie") && !line.starts_with(".el"))
        {
            writeln!(
                text,
                "{}",
                line.strip_prefix(".SH ")
                    .map_or(line.to_owned(), |title| format!(".SS {title}"))
            )?;
        }
    }
    man.render_extra_section(&mut text)?;
    man.render_version_section(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_page_has_every_command_and_its_options() {
        let page = String::from_utf8(manual().unwrap()).unwrap();
        for command in Cli::command()
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            assert!(
                page.contains(&format!("PORTICO {}", command.get_name().to_uppercase())),
                "{page}"
            );
        }
        for words in ["\\-\\-headless", "\\-\\-lang", "Exit codes of a run", "screenshot"] {
            assert!(page.contains(words), "{words} is not in\n{page}");
        }
        assert_eq!(page.matches(".TH ").count(), 1);
    }

    #[test]
    fn every_shell_completes_the_commands() {
        use clap::ValueEnum as _;
        for shell in clap_complete::Shell::value_variants() {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "portico", &mut text);
            let text = String::from_utf8(text).unwrap();
            assert!(
                ["doctor", "headless", "completions"]
                    .iter()
                    .all(|word| text.contains(word)),
                "{shell}"
            );
        }
    }
}
