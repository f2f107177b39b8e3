//! The committed files are what the document gives, and every shape that a document may have is printed.

use std::fs;
use std::path::Path;

use openclaw_sdk_types::{OUTPUTS, ReadError, read};

/// A small API with a tagged union, `allOf`, maps, inline records and words, and an event.
const SHAPES: &str = include_str!("shapes.json");

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn the_generated_files_are_what_the_document_gives() {
    let document = fs::read_to_string(root().join("openapi/openapi.json")).expect("the document is there");
    let api = read(&document).expect("it has a form here");
    for output in OUTPUTS {
        let committed = fs::read_to_string(root().join(output.path)).unwrap_or_default();
        assert!(committed == (output.print)(&api), "{}: the API has changed: run `make sdk-types`", output.path);
    }
}

#[test]
fn no_line_is_wider_than_the_house_allows() {
    for output in OUTPUTS {
        let text = fs::read_to_string(root().join(output.path)).expect("it is there");
        let wide = text.lines().find(|line| line.chars().count() > 120);
        assert_eq!(wide, None, "{}", output.path);
    }
}

/// What the file of a language says of the shapes, with blanks and line breaks made one blank.
fn printed(extension: &str) -> String {
    let api = read(SHAPES).expect("it has a form here");
    let output = OUTPUTS.iter().find(|output| output.path.ends_with(extension)).expect("a language");
    (output.print)(&api).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_says(extension: &str, expected: &[&str]) {
    let text = printed(extension);
    for part in expected {
        assert!(text.contains(part), "{part}\nis missing in:\n{text}");
    }
}

#[test]
fn typescript_has_unions_and_converts_all_that_is_nested() {
    assert_says(
        ".ts",
        &[
            "export type Step = StepModel | StepTool;",
            "export interface StepTool { type: \"tool\"; /** What it gave. */ outputText?: string | null; }",
            "steps: Step[];",
            "byName: Record<string, Usage>;",
            "secret: string | string[];",
            "export type JobState = \"idle\" | \"busy\" | (string & {});",
            "kind?: number;",
            "export interface JobRequestBudget { maxSteps?: number | null; }",
            "export type JobPage = Page<Job>;",
            "export interface ListJobsParams { /** How many. */ limit?: number; }",
            "[\"byName\", \"by_name\", \"map\", \"Usage\"]",
            "[\"steps\", \"steps\", \"list\", \"Step\"]",
            "Step: [[\"tokensUsed\", \"tokens_used\", \"one\", \"Usage\"], [\"outputText\", \"output_text\"]]",
            "\"job.done\": JobEvent;",
            "\"job.done\": \"JobEvent\",",
        ],
    );
    assert!(!printed(".ts").contains("any "), "nothing is `any`");
}

#[test]
fn python_has_classes_for_replies_and_dicts_for_arguments() {
    assert_says(
        ".py",
        &[
            "class JobRequestBudgetParam(TypedDict, total=False): max_steps: int | None",
            "class Job(_Model):",
            "_nested: ClassVar[Nested] = {\"by_name\": (\"map\", \"Usage\"), \"steps\": (\"list\", \"Step\")}",
            "class Step(_Model):",
            "type: StepType",
            "StepType = Union[Literal[\"model\", \"tool\"], str]",
            "tokens_used: Usage | None",
            "state: JobState",
            "secret: str | list[str]",
            "\"job.done\": \"JobEvent\"",
        ],
    );
    let text = printed(".py");
    for absent in ["class StepModel", "class Page", "UsageParam", "JobRequestParam"] {
        assert!(!text.contains(absent), "{absent}\nis not asked for in:\n{text}");
    }
}

#[test]
fn go_has_one_struct_for_a_union_and_pointers_where_zero_matters() {
    assert_says(
        ".go",
        &[
            "type Step struct { Type StepType `json:\"type\"`",
            "TokensUsed *Usage `json:\"tokens_used,omitzero\"`",
            "ByName map[string]Usage `json:\"by_name\"`",
            "StepTypeTool StepType = \"tool\"",
            "MaxSteps *int `json:\"max_steps,omitzero\"`",
            "Budget *JobRequestBudget `json:\"budget,omitzero\"`",
            "CallbackURL *string `json:\"callback_url,omitzero\"`",
            "Secret json.RawMessage `json:\"secret\"`",
            "case EventJobDone: return decodeEvent[JobEvent](e.Data)",
        ],
    );
}

#[test]
fn a_reference_that_leads_nowhere_is_an_error() {
    for name in ["JobEvent", "Usage", "Step"] {
        let broken = SHAPES.replace(&format!("#/components/schemas/{name}"), "#/components/schemas/Lost");
        let told = read(&broken).expect_err("it is not there").to_string();
        assert_eq!(told, "`Lost` is referred to and not there");
    }
    assert!(matches!(read("{}"), Err(ReadError::Json(_))));
}
