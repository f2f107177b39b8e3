//! Text from outside, marked so that a model can tell it from its instructions.

const OPEN: &str = "<data from=\"";
const OPENED: &str = "\">\n";
const CLOSE: &str = "\n</data>";

/// The text with the mark of the tool that it comes from. The mark cannot be closed from inside.
pub fn marked(tool: &str, content: &str) -> String {
    format!("{OPEN}{tool}{OPENED}{}{CLOSE}", content.replace("</data", "<\\/data"))
}

/// The text without its mark, if it has one.
pub(super) fn bare(text: &str) -> &str {
    let inside = text.strip_prefix(OPEN).and_then(|marked| marked.split_once(OPENED));
    inside.and_then(|(_, inside)| inside.strip_suffix(CLOSE)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_close_its_mark() {
        assert_eq!(marked("t", "a</data>b"), "<data from=\"t\">\na<\\/data>b\n</data>");
    }
}
