//! Notices become one message, within the bounds of its robot.
//!
//! Each gets an even share of what is left; what a short one does not need, the later ones get. What is cut is cut in the
//! notice's own markdown, so that no link, entity or list is ever left half open, and the message says how much.

use super::markdown::write;
use super::notice::Notice;
use super::robot::{Message, Robot};

/// Less room than this says nothing; the notices from there on are only counted.
const SECTION_MIN: usize = 400;
/// Room for the line that counts them, and for the rule before it.
const CLOSING_ROOM: usize = 120;

/// One message of all notices; none if there are none.
pub(super) fn message(robot: &dyn Robot, notices: &[Notice]) -> Option<Message> {
    let title = match notices {
        [] => return None,
        [notice] => notice.title.clone(),
        _ => format!("OpenClaw · {count} 条事件 {count} events", count = notices.len()),
    };
    let between = format!("\n\n{}\n\n", robot.dialect().rule);
    let is_only = notices.len() == 1;
    let mut room = robot.text_max() - CLOSING_ROOM;
    let mut text = String::new();
    for (index, notice) in notices.iter().enumerate() {
        let rest = notices.len() - index;
        if !text.is_empty() {
            text.push_str(&between);
            room = room.saturating_sub(robot.measure(&between));
        }
        let share = (room / rest).max(SECTION_MIN);
        if share > room {
            text.push_str(&counted(rest));
            break;
        }
        let section = section(robot, notice, is_only, share);
        room -= robot.measure(&section);
        text.push_str(&section);
    }
    let text = if text.trim().is_empty() { title.clone() } else { text };
    Some(Message { title, text })
}

fn counted(left_out: usize) -> String {
    format!("…还有 {left_out} 条事件未列出 · {left_out} more events left out")
}

/// A notice in the robot's dialect, no larger than `room`.
fn section(robot: &dyn Robot, notice: &Notice, is_only: bool, room: usize) -> String {
    let dialect = robot.dialect();
    let needs_heading = !(notice.is_whole || is_only && robot.shows_title());
    let heading = if needs_heading { write(&format!("### {}", notice.title), dialect) + "\n\n" } else { String::new() };
    let footer =
        if notice.footer.is_empty() { String::new() } else { "\n\n".to_owned() + &write(&notice.footer, dialect) };
    let taken = robot.measure(&heading) + robot.measure(&footer);
    if taken + CLOSING_ROOM > room {
        let body = cut(robot, &notice.body, room - robot.measure(&heading));
        return heading + &body;
    }
    heading + &cut(robot, &notice.body, room - taken) + &footer
}

/// Markdown in the robot's dialect, no larger than `room`; cut, it ends by saying how much is missing.
fn cut(robot: &dyn Robot, markdown: &str, room: usize) -> String {
    let whole = write(markdown, robot.dialect());
    if robot.measure(&whole) <= room {
        return whole;
    }
    let written = |end: usize| {
        let left_out = markdown[end..].chars().count();
        let note = format!("…此处省略约 {left_out} 字 · about {left_out} characters left out");
        format!("{}\n\n{note}", write(&markdown[..end], robot.dialect())).trim_start().to_owned()
    };
    // The size need not grow with every character, but whatever end is found was measured; the note alone always fits.
    let (mut fits, mut too_much) = (0, markdown.len());
    while fits + 1 < too_much {
        let middle = markdown.floor_char_boundary(usize::midpoint(fits, too_much));
        if middle <= fits {
            break;
        }
        if robot.measure(&written(middle)) <= room { fits = middle } else { too_much = middle }
    }
    let line_end = markdown[..fits].rfind('\n').filter(|end| *end > fits / 4 * 3).map(&written);
    line_end.filter(|text| robot.measure(text) <= room).unwrap_or_else(|| written(fits))
}

#[cfg(test)]
mod tests {
    use openclaw_core::{EventName, Timestamp};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::format::Payload;
    use crate::format::robot::robot;
    use openclaw_core::EndpointFormat::{self, Dingtalk, Feishu, Slack, Wecom};

    const ROBOTS: [EndpointFormat; 4] = [Dingtalk, Feishu, Wecom, Slack];

    fn notice(content: &str) -> Notice {
        let event = json!({
            "event": EventName::MessageReceived, "timestamp": "1970-01-01T00:00:00Z", "id": "evt_1",
            "data": {"session_id": "user_123", "message_id": "msg_1", "content": content, "channel": "api"},
        });
        Notice::of(&Payload::parse(event.to_string()).expect("an event"))
    }

    /// The message, and the bytes of its body, within the platform's own bounds.
    fn bounded(format: EndpointFormat, notices: &[Notice]) -> Message {
        let robot = robot(format).expect("a robot");
        let message = message(robot, notices).expect("notices");
        let post = robot.post(&message, Some("secret"), "https://x.com", Timestamp::from_millis(1_700_000_000_000));
        let (size, max) = match format {
            Wecom => (message.text.len(), 4_096),
            Slack => (message.text.chars().count(), 40_000),
            _ => (post.body.len(), 20_000),
        };
        assert!(size <= max, "{format:?}: {size}");
        message
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        for format in ROBOTS {
            let long = "**报告** [链接](https://example.com/a?b=c&d=e) \"引用\"\n\n".repeat(2_000);
            let text = bounded(format, &[notice(&long)]).text;
            assert!(text.contains("characters left out") && text.contains("1970-01-01"), "{format:?}: {text}");
            let robot = robot(format).expect("a robot");
            assert!(robot.measure(&text) > robot.text_max() * 9 / 10, "{format:?}: the room is used");
        }
    }

    #[test]
    fn what_piled_up_becomes_one_message_that_counts_what_it_leaves_out() {
        for format in ROBOTS {
            let few: Vec<_> = (0..3).map(|number| notice(&format!("第 {number} 条"))).collect();
            let message = bounded(format, &few);
            assert_eq!(message.title, "OpenClaw · 3 条事件 3 events");
            assert!(
                message.text.contains("第 0 条")
                    && message.text.contains("第 2 条")
                    && !message.text.contains("left out")
            );
            let many: Vec<_> = (0..900).map(|_| notice("今天天气怎么样")).collect();
            let text = bounded(format, &many).text;
            let shown = text.matches("今天天气怎么样").count();
            let left_out = format!("{} more events left out", 900 - shown);
            assert!(shown > 4 && text.ends_with(&left_out), "{format:?}: {shown} shown");
        }
    }

    #[test]
    fn one_long_notice_leaves_room_for_the_others() {
        let text = bounded(Wecom, &[notice(&"长".repeat(9_000)), notice("短一"), notice("短二")]).text;
        assert!(text.contains("短一") && text.contains("短二") && text.contains("characters left out"), "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_text_fits_and_calls_nobody(content in r"([\PC\n`*_~<>@|#\[\]()&! -]|@[*_~`]all|<[*_~`]@all>|\*\*){0,200}", repeat in 1usize..80, count in 1usize..5) {
            let content = format!("{content} @all <!everyone> <at id=all></at> <@all> ").repeat(repeat);
            let notices: Vec<_> = (0..count).map(|_| notice(&content)).collect();
            for format in ROBOTS {
                let text = bounded(format, &notices).text;
                for call in ["@all", "<!everyone>", "<at ", "<@"] {
                    prop_assert!(!text.contains(call), "{:?} has {}", format, call);
                }
            }
        }
    }
}
