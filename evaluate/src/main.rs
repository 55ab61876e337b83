//! `noisydarts-evaluate`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    evaluate::main(std::env::args_os())
}
