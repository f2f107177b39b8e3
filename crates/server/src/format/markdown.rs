//! Markdown, written anew in the dialect of a chat platform.
//!
//! Agents write `CommonMark` with tables. Robots show a part of it, each another one, and take some of the rest as commands
//! (`<at id=all>` wakes a whole group). So the text is parsed, and every construct is written as the platform shows it:
//! tables become lists, raw HTML becomes text, and nothing that a user or a model wrote can mention everyone.

mod text;
mod writer;

pub(super) use text::{literal, without_tags};
pub(super) use writer::write;

/// How a platform writes things; an empty mark means that it cannot show them, and they are written plainly.
pub(super) struct Dialect {
    pub(super) bold: &'static str,
    pub(super) italic: &'static str,
    pub(super) strike: &'static str,
    /// Around code inside a line.
    pub(super) code: &'static str,
    /// Whether code between fences is shown; else code is written as a quote.
    pub(super) fences: bool,
    /// Whether `#` makes a heading; else headings are bold lines.
    pub(super) headings: bool,
    /// Whether a mark needs something that is no letter beside it.
    pub(super) marks_stand_apart: bool,
    pub(super) bullet: &'static str,
    pub(super) quote: &'static str,
    pub(super) rule: &'static str,
    /// What ends a line within a paragraph.
    pub(super) line_end: &'static str,
    /// Text that shows as itself.
    pub(super) escape: fn(&str) -> String,
    /// The whole of what was written, in which no tag is a command, where `escape` cannot see to that.
    pub(super) disarm: fn(&str) -> String,
    /// A link of a text in this dialect to a URL in which nothing can end it.
    pub(super) link: fn(&str, &str) -> String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::robot::robot;
    use openclaw_core::EndpointFormat::{self, Dingtalk, Feishu, Slack, Wecom};

    fn written(format: EndpointFormat, markdown: &str) -> String {
        write(markdown, robot(format).expect("a robot").dialect())
    }

    #[test]
    fn each_construct_is_written_as_the_platform_shows_it() {
        let markdown = "# 标题 *斜*\n一行\n二行 **粗** ~~删~~ `码`\n\n1. 甲\n   - 乙\n2. 丙\n\n> 引\n\n```rust\na < b\n```\n\n---\n- [x] 完成";
        for (format, expected) in [
            (
                Dingtalk,
                "# 标题 *斜*\n\n一行  \n二行 **粗** 删 `码`\n\n1. 甲  \n   - 乙  \n2. 丙\n\n> 引\n\n> a < b\n\n---\n\n- ☑ 完成",
            ),
            (
                Feishu,
                "**标题 *斜***\n\n一行\n二行 **粗** ~~删~~ 码\n\n1. 甲\n   • 乙\n2. 丙\n\n┃ 引\n\n┃ a &#60; b\n\n————\n\n• ☑ 完成",
            ),
            (
                Wecom,
                "# 标题 斜\n\n一行\n二行 **粗** 删 `码`\n\n1. 甲\n   • 乙\n2. 丙\n\n> 引\n\n> a < b\n\n————\n\n• ☑ 完成",
            ),
            (
                Slack,
                "*标题 _斜_*\n\n一行\n二行 *粗* ~删~ `码`\n\n1. 甲\n   • 乙\n2. 丙\n\n> 引\n\n```\na &lt; b\n```\n\n————\n\n• ☑ 完成",
            ),
        ] {
            assert_eq!(written(format, markdown), expected, "{format:?}");
        }
    }

    #[test]
    fn a_table_becomes_a_list() {
        let table =
            "| 城市 | 销量 | Note |\n|---|--:|---|\n| **北京** | 1,200 | [详情](https://a.com/x) |\n| 上海 | | ok |\n";
        assert_eq!(
            written(Wecom, table),
            "• **北京** · 销量：1,200 · Note: [详情](https://a.com/x)\n• **上海** · Note: ok"
        );
        assert_eq!(written(Slack, table), "• *北京* · 销量：1,200 · Note: <https://a.com/x|详情>\n• *上海* · Note: ok");
    }

    #[test]
    fn bold_that_touches_letters_is_still_bold() {
        assert_eq!(written(Slack, "请**注意**时间"), "请\u{200B}*注意*\u{200B}时间");
        assert_eq!(
            written(Slack, "**重点：**内容"),
            "*重点：*\u{200B}内容",
            "which CommonMark itself does not read as bold"
        );
        assert_eq!(written(Wecom, "**重点：**内容, 2 ** 3 ** 4"), "**重点：**内容, 2 ** 3 ** 4");
    }

    #[test]
    fn html_is_text_and_links_lead_to_the_web_only() {
        assert_eq!(written(Slack, "<!channel> <b>x</b> a & b"), "&lt;!channel&gt; &lt;b&gt;x&lt;/b&gt; a &amp; b");
        assert_eq!(
            written(Feishu, "<at id=all></at> &lt; &amp;lt;"),
            "&#60;at id=all&#62;&#60;/at&#62; &#60; &\u{200B}lt;"
        );
        assert_eq!(
            written(Wecom, "[点我](javascript:alert(1)) ![图](https://a.com/1.png)"),
            "点我 [图](https://a.com/1.png)"
        );
        assert_eq!(
            written(Slack, "<https://a.com/?x=1&y=2>"),
            "<https://a.com/?x=1&amp;y=2|https://a.com/?x=1&amp;y=2>"
        );
    }

    #[test]
    fn deep_nesting_costs_no_more_than_its_text() {
        for nested in [">".repeat(50_000), "- ".repeat(20_000), "**[".repeat(20_000)] {
            assert!(written(Dingtalk, &format!("{nested}x")).len() <= nested.len() + 400);
        }
    }

    #[test]
    fn plain_text_as_markdown_shows_as_it_is() {
        let plain = "1. __init__ *a* [b](c) # <d> `e` \\ |";
        assert_eq!(written(Slack, &literal(plain)), plain.replace('<', "&lt;").replace('>', "&gt;"));
    }
}
