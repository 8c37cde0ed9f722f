//! The `halo` program.

fn main() -> std::process::ExitCode {
    halo_cli::main()
}
