//! Results on one page.

use std::fs;

use super::{Tiny, evaluate};

#[test]
fn results_of_several_commands_make_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let model = Tiny::default().write();
    let path = model.path();
    let write = |name: &str, command: &[&str]| {
        let output = evaluate(command.iter().copied().chain([path, "--format", "json"]));
        assert_eq!(output.status, 0, "{}", output.stderr);
        let file = folder.path().join(name);
        fs::write(&file, output.stdout).unwrap();
        file
    };
    let cost = write("cost.json", &["cost"]);
    let latency = write("latency.json", &["latency", "--runtime", "tract", "--runs", "20"]);
    let page = folder.path().join("page.html");
    let out = ["--out", page.to_str().unwrap()];
    let files = [&cost, &latency].map(|file| file.to_str().unwrap());
    let output = evaluate(["report"].into_iter().chain(files).chain(out));
    assert_eq!(output.status, 0, "{}", output.stderr);
    let name = path.rsplit('/').next().unwrap();
    assert_eq!(output.stdout.matches(name).count(), 2, "{}", output.stdout);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("<h3>Models</h3>") && html.contains("tract, 1 thread"), "{html}");
    for outside in ["src=", "href=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }

    let wrong = folder.path().join("wrong.json");
    fs::write(&wrong, "{\"kind\": \"cost\", ").unwrap();
    let output = evaluate(["report", wrong.to_str().unwrap()].into_iter().chain(out));
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("wrong.json"), "{}", output.stderr);
}
