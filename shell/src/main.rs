//! The command `portico`.

fn main() -> std::process::ExitCode {
    portico::cli::main()
}
