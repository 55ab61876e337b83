//! The program `noisydarts-search`; see [`search::main`].

fn main() -> std::process::ExitCode {
    search::main(std::env::args_os())
}
