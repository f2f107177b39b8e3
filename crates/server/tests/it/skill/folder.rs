//! `SKILL.md` folders: a line in the catalogue, the body when it is asked for, files beside it, and nothing outside.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use openclaw_client::SkillKind;
use serde_json::json;

use super::{answer, failure, gateway, open};

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn skill(name: &str, description: &str) -> String {
    format!("---\nname: {name}\ndescription: {description}\nallowed-tools: web_fetch\n---\n\n# {name}\n\nDo it well.\n")
}

#[tokio::test]
async fn a_folder_is_read_in_three_tiers() {
    let gateway = gateway(|config| {
        let folder = Path::new(&config.skills.folders[0]);
        write(folder, "quarterly-report/SKILL.md", &skill("quarterly-report", "Writes reports. Use it each quarter."));
        write(folder, "quarterly-report/references/figures.md", "42");
        write(folder, "secret.md", "canary");
        symlink("../secret.md", folder.join("quarterly-report/link.md")).expect("a link");
        write(folder, "vendor/pack/other/SKILL.md", &skill("other", "Other things."));
        write(folder, "no-description/SKILL.md", "---\nname: no-description\n---\n");
        write(folder, "Not_A_Name/SKILL.md", &skill("web_fetch", "Must not take the place of a built-in skill."));
    })
    .await;
    let skills = gateway.client.skills().list().all().await.expect("skills");
    let folders: Vec<_> = skills.iter().filter(|skill| skill.kind == SkillKind::Folder).collect();
    assert_eq!(folders.iter().map(|skill| skill.name.as_str()).collect::<Vec<_>>(), ["other", "quarterly-report"]);
    assert_eq!(folders[1].description, "Writes reports. Use it each quarter.");
    assert_eq!(folders[1].tools, ["skill_read"]);

    let toolbox = open(&gateway, &["quarterly-report"]).await;
    let instructions = toolbox.instructions().expect("a line of each");
    assert!(instructions.ends_with("\n- quarterly-report: Writes reports. Use it each quarter."), "{instructions}");
    assert_eq!(toolbox.definitions()[0].parameters["properties"]["name"]["enum"], json!(["quarterly-report"]));
    assert!(toolbox.find("web_fetch").is_none(), "what a head allows is never a grant");

    let body = answer(&toolbox, "skill_read", json!({"name": "quarterly-report"})).await;
    assert!(body.starts_with("# quarterly-report\n\nDo it well."), "{body}");
    assert!(body.contains("it expects these tools: web_fetch; yours stay those that you were granted"), "{body}");
    assert!(body.ends_with("their path: references/figures.md]"), "{body}");
    let figures = json!({"name": "quarterly-report", "path": "references/figures.md"});
    assert_eq!(answer(&toolbox, "skill_read", figures).await, "42");
    for path in ["../secret.md", "link.md", "../other/SKILL.md", "/etc/hostname"] {
        let told = failure(&toolbox, "skill_read", json!({"name": "quarterly-report", "path": path})).await;
        assert!(told.contains("leads out of the folder") || told.contains("there is no"), "{path}: {told}");
        assert!(!told.contains("canary"));
    }
    let told = failure(&toolbox, "skill_read", json!({"name": "other"})).await;
    assert_eq!(told, "the skill `other` was not granted");
}

#[tokio::test]
async fn the_hash_tells_every_change_of_a_folder() {
    let gateway = gateway(|config| {
        write(Path::new(&config.skills.folders[0]), "a/SKILL.md", &skill("a", "A."));
    })
    .await;
    let folder = gateway.folder.path().join("skills");
    let mut hashes = Vec::new();
    for change in
        [None, None, Some(("a/SKILL.md", skill("a", "B."))), Some(("a/b.md", "x".into())), Some(("a/b.md", "y".into()))]
    {
        if let Some((path, text)) = change {
            write(&folder, path, &text);
        }
        let (name, hash) = open(&gateway, &["a"]).await.hashes()[0].clone();
        assert!(name == "a" && hash.len() == 64, "{name} {hash}");
        hashes.push(hash);
    }
    assert_eq!(hashes[0], hashes[1]);
    hashes.dedup();
    assert_eq!(hashes.len(), 4);
}

#[tokio::test]
async fn a_folder_that_comes_or_goes_needs_no_restart() {
    let gateway = gateway(|_| {}).await;
    let folder = gateway.folder.path().join("skills");
    let skills = gateway.app.live.load().skills.clone();
    let granted = || skills.check(&["late".into()]).is_ok();
    assert!(!granted());
    write(&folder, "late/SKILL.md", &skill("late", "Comes late."));
    let patient = async |is: bool| {
        for _ in 0..300 {
            if granted() == is {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody looked again");
    };
    patient(true).await;
    std::fs::remove_dir_all(folder.join("late")).expect("removed");
    patient(false).await;
}
