//! The program `noisydarts-search`; see [`search::main`].
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    search::main(std::env::args_os())
}
