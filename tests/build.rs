//! With the feature `torch`, the tests link libtorch and need its search path as `search` does.

#[path = "../search/build.rs"]
mod search;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_TORCH").is_some() {
        search::main();
    }
}
