//! The command `portico`.

fn main() -> std::process::ExitCode {
    portico::worker::serve().unwrap_or_else(portico::cli::main)
}
