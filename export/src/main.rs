//! `noisydarts-export`: see the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    export::main(std::env::args_os())
}
