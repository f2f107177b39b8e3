//! Files of a workspace: what agents write they read again, and no path leads out.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::json;

use super::super::gateway::Gateway;
use super::{answer, call_in, failure, gateway, open, open_in};

const FILES: &[&str] = &["file_read", "file_list", "file_write"];

/// The folder of the workspace `default`, and a secret outside of it.
fn folders(gateway: &Gateway) -> (PathBuf, PathBuf) {
    let workspace = gateway.folder.path().join("workspace/default");
    let secret = gateway.folder.path().join("secret.txt");
    std::fs::create_dir_all(&workspace).expect("a folder");
    std::fs::write(&secret, "canary").expect("a file");
    (workspace, secret)
}

#[tokio::test]
async fn what_is_written_is_listed_and_read_again() {
    let gateway = gateway(|_| {}).await;
    let toolbox = open(&gateway, FILES).await;
    assert_eq!(answer(&toolbox, "file_list", json!({})).await, "the folder is empty");
    let wrote = answer(&toolbox, "file_write", json!({"path": "notes/deep/today.md", "content": "今天"})).await;
    assert_eq!(wrote, "wrote 6 bytes to notes/deep/today.md");
    answer(&toolbox, "file_write", json!({"path": "notes/deep/today.md", "content": "今天 again"})).await;
    answer(&toolbox, "file_write", json!({"path": "a.txt", "content": ""})).await;
    assert_eq!(answer(&toolbox, "file_read", json!({"path": "notes/deep/today.md"})).await, "今天 again");
    assert_eq!(answer(&toolbox, "file_read", json!({"path": "./notes/../a.txt"})).await, "");
    assert_eq!(
        answer(&toolbox, "file_list", json!({})).await,
        "a.txt (0 bytes)\nnotes/\nnotes/deep/\nnotes/deep/today.md (12 bytes)"
    );
    assert_eq!(answer(&toolbox, "file_list", json!({"path": "notes/deep"})).await, "today.md (12 bytes)");
    let (workspace, _) = folders(&gateway);
    assert_eq!(std::fs::read_to_string(workspace.join("notes/deep/today.md")).expect("a file"), "今天 again");
}

#[tokio::test]
async fn a_workspace_sees_nothing_of_another() {
    let gateway = gateway(|_| {}).await;
    let (ours, theirs) = (open(&gateway, FILES).await, open_in(&gateway, FILES, "../default").await);
    answer(&ours, "file_write", json!({"path": "a.txt", "content": "ours"})).await;
    let listed = call_in(&theirs, "file_list", json!({}), "../default").await;
    assert_eq!(listed.content, "the folder is empty");
    assert!(gateway.folder.path().join("workspace/%2E%2E%2Fdefault").is_dir());
}

#[tokio::test]
async fn no_path_leads_out_of_the_workspace() {
    let gateway = gateway(|_| {}).await;
    let (workspace, secret) = folders(&gateway);
    std::fs::create_dir(workspace.join("inside")).expect("a folder");
    symlink(&secret, workspace.join("link.txt")).expect("a link");
    symlink(gateway.folder.path(), workspace.join("up")).expect("a link");
    symlink("../../..", workspace.join("inside/far")).expect("a link");
    symlink("inside", workspace.join("within")).expect("a link");
    let toolbox = open(&gateway, FILES).await;
    let absolute = secret.to_str().expect("text");
    for path in [
        "../../secret.txt",
        "inside/../../../secret.txt",
        absolute,
        "link.txt",
        "up/secret.txt",
        "inside/far/secret.txt",
    ] {
        let told = failure(&toolbox, "file_read", json!({"path": path})).await;
        assert!(told.contains("leads out of the folder that you may use"), "{path}: {told}");
    }
    for path in ["../../new.txt", "/tmp/new.txt", "up/new.txt", "up/deep/new.txt", "inside/far/new.txt"] {
        let told = failure(&toolbox, "file_write", json!({"path": path, "content": "x"})).await;
        assert!(told.contains("leads out of the folder that you may use"), "{path}: {told}");
    }
    for path in ["..", "up", "/", "inside/far"] {
        let told = failure(&toolbox, "file_list", json!({"path": path})).await;
        assert!(told.contains("leads out of the folder that you may use"), "{path}: {told}");
    }
    assert!(!gateway.folder.path().join("new.txt").exists());
    // A link that is replaced is replaced itself, not what it points at.
    answer(&toolbox, "file_write", json!({"path": "link.txt", "content": "mine"})).await;
    assert_eq!(std::fs::read_to_string(&secret).expect("a file"), "canary");
    // A link that stays inside is a way like any other; a listing shows it as what it is.
    answer(&toolbox, "file_write", json!({"path": "within/a.txt", "content": "x"})).await;
    assert_eq!(
        answer(&toolbox, "file_list", json!({})).await,
        "inside/\ninside/a.txt (1 bytes)\ninside/far (a link)\nlink.txt (4 bytes)\nup (a link)\nwithin (a link)"
    );
}

#[tokio::test]
async fn a_file_is_written_whole_or_not_at_all() {
    let gateway = gateway(|config| config.skills.file_bytes_max = 1024).await;
    let (workspace, _) = folders(&gateway);
    std::fs::create_dir(workspace.join("folder")).expect("a folder");
    std::fs::write(workspace.join("file"), "old").expect("a file");
    let toolbox = open(&gateway, FILES).await;
    for (path, told) in [
        ("folder", "is a folder"),
        ("folder/", "names no file"),
        ("folder/..", "names no file"),
        ("", "names no file"),
        ("file/new.txt", "`file/new.txt`"),
    ] {
        let why = failure(&toolbox, "file_write", json!({"path": path, "content": "x"})).await;
        assert!(why.contains(told), "{path}: {why}");
    }
    let why = failure(&toolbox, "file_write", json!({"path": "file", "content": "x".repeat(1025)})).await;
    assert!(why.contains("1025 bytes are too many") && why.contains("1024"), "{why}");
    assert_eq!(answer(&toolbox, "file_read", json!({"path": "file"})).await, "old");
    let left: Vec<_> =
        std::fs::read_dir(workspace).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let gateway = gateway(|config| config.skills.file_bytes_max = 4096).await;
    let (workspace, _) = folders(&gateway);
    std::fs::write(workspace.join("long"), "x".repeat(4097)).expect("a file");
    std::fs::write(workspace.join("binary"), b"\xFF\xFE\0").expect("a file");
    std::fs::write(workspace.join("plain"), "x").expect("a file");
    let pipe = std::process::Command::new("mkfifo").arg(workspace.join("pipe")).status().expect("mkfifo runs");
    assert!(pipe.success());
    let toolbox = open(&gateway, FILES).await;
    for (path, told) in [
        ("none", "there is no `none`"),
        (".", "is not a file"),
        ("pipe", "is not a file"),
        ("long", "has 4097 bytes; at most 4096"),
        ("binary", "is not text in UTF-8"),
        ("plain/x", "a part of `plain/x` is a file"),
    ] {
        let why = failure(&toolbox, "file_read", json!({"path": path})).await;
        assert!(why.contains(told), "{path}: {why}");
    }
    let why = failure(&toolbox, "file_read", json!({"file": "plain"})).await;
    assert_eq!(why, "the arguments are wrong: missing field `path`");
}

#[tokio::test]
async fn a_long_file_is_read_in_pieces_and_a_long_folder_listed_in_part() {
    let gateway = gateway(|config| config.skills.output_bytes_max = 1024).await;
    let (workspace, _) = folders(&gateway);
    let text = (0..300).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
    std::fs::write(workspace.join("long.txt"), &text).expect("a file");
    let toolbox = open(&gateway, FILES).await;
    let (mut offset, mut whole) = (0, String::new());
    loop {
        let piece = answer(&toolbox, "file_read", json!({"path": "long.txt", "offset": offset})).await;
        assert!(piece.len() <= 1024);
        let (shown, note) = piece.rsplit_once("\n[").expect("a note");
        whole.push_str(shown);
        let Some((_, next)) = note.split_once("offset ") else { break };
        offset = next.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    }
    assert_eq!(whole, text);
    for number in 0..100 {
        std::fs::write(workspace.join(format!("file-{number:03}")), "").expect("a file");
    }
    let listed = answer(&toolbox, "file_list", json!({})).await;
    assert!(listed.len() < 1200 && listed.contains("[cut: "), "{listed}");
}
