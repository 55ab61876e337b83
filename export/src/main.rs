//! `noisydarts-export`: see the library.

fn main() -> std::process::ExitCode {
    export::main(std::env::args_os())
}
