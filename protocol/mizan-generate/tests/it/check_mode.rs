//! `--check` writes nothing, lists what is not as it should be, and fails.

use std::fs;

use expect_test::expect;

use crate::project::Project;

#[test]
fn everything_is_missing_at_first() {
    let project = Project::hello("check-missing");
    let ran = project.run(&["--check"]);
    assert_eq!(ran.code, Some(1));
    assert!(!project.has("out"));
    expect![[r#"
        missing  ./out/calls.ts
        missing  ./out/contexts/user.ts
        missing  ./out/index.ts
        missing  ./out/react.tsx
        missing  ./out/types.ts
        warning: 3 integers of 64 bits may not fit a JavaScript number; narrow the range or use `mizan_core::BigInt` (`-v` lists where)
        error: the client is not up to date
          = help: run `mizan-generate --config ./mizan.toml`
    "#]].assert_eq(&(ran.stdout + &ran.stderr));
}

#[test]
fn nothing_to_say_after_a_run() {
    let project = Project::hello("check-fresh");
    expect![[r#"
        ./out: 5 written, 0 unchanged, 0 removed
    "#]]
    .assert_eq(&project.run(&[]).stdout);
    let ran = project.run(&["--check"]);
    assert_eq!(ran.code, Some(0));
    expect![[r#"
        ./out: 0 written, 5 unchanged, 0 removed
    "#]]
    .assert_eq(&ran.stdout);
}

#[test]
fn stale_leftover_foreign_and_missing_files() {
    let project = Project::hello("check-all");
    project.run(&[]);
    project.put("out/calls.ts", &(project.get("out/calls.ts") + "// edited\n"));
    project.put("out/contexts/gone.ts", &project.get("out/contexts/user.ts"));
    project.put("out/types.ts", "// hand-written\n");
    project.put("out/mine.ts", "// hand-written\n");
    fs::remove_file(project.root.join("out/react.tsx")).unwrap();
    let before = project.list("out");
    let ran = project.run(&["--check"]);
    assert_eq!(ran.code, Some(1));
    expect![[r#"
        stale    ./out/calls.ts
        leftover ./out/contexts/gone.ts
        missing  ./out/react.tsx
        foreign  ./out/types.ts
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!(project.list("out"), before);
    assert_eq!(project.get("out/types.ts"), "// hand-written\n");
}
