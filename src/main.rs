//! The command line of copysim; see the library for everything else.

fn main() -> std::process::ExitCode {
    copysim::cli::main()
}
