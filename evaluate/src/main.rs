//! `noisydarts-evaluate`.
fn main() -> std::process::ExitCode {
    evaluate::main(std::env::args_os())
}
