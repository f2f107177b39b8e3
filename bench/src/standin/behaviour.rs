//! How a stand-in answers one request, and the tag that a message can carry to say so.

use std::time::Duration;

/// What every answer says unless told otherwise: 581 bytes, the answer's size in the published comparisons of gateways.
const TEXT: &str = "Certainly! Here is a small Python script that reads a file and counts its words. 当然!这是一个Python脚本,\
它逐行读取文件并统计每个单词出现的次数。 First it opens the file with an explicit encoding, then it walks over the lines, splits \
each one on white space, and adds every word to a counter. At the end it prints the ten most common words with their counts. Save \
it as count.py and run it with the path of your file as the only argument. If the file is large, nothing changes: only one line is \
held in memory at a time. Please tell me if you need more.";

/// How to answer one request. Every field has a default: an instant 200 with a fixed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// The HTTP status; from 400 on, the vendor's error envelope is sent with it.
    pub status: u16,
    /// Seconds for a `retry-after` header.
    pub retry_after: Option<u64>,
    /// What an error says, also one inside a stream.
    pub error_message: String,
    /// How long to wait before the head of the answer.
    pub delay: Duration,
    /// What the answer says; absent: a fixed text of [`bytes`](Self::bytes), with Chinese in it.
    pub text: Option<String>,
    /// The length of the fixed text.
    pub bytes: usize,
    /// In how many deltas a stream sends the text.
    pub chunks: usize,
    /// How long to wait between two deltas (with `split`: between two pieces). Counted from the first, so that it does not drift.
    pub gap: Duration,
    /// Close the connection after that many deltas, without an end. A JSON answer is cut in the middle.
    pub cut_after: Option<usize>,
    /// Send the vendor's error event after that many deltas, and end.
    pub error_after: Option<usize>,
    /// Send nothing more after that many deltas, and keep the connection open. A JSON answer stops in the middle.
    pub stall_after: Option<usize>,
    /// Send a stream in pieces of that many bytes, wherever that cuts an event.
    pub split: Option<usize>,
    /// Tokens of the prompt, as the vendor counts them.
    pub input_tokens: u64,
    /// Tokens of the answer, as the vendor counts them.
    pub output_tokens: u64,
    /// Why the answer ended, in the vendor's word; absent: that of a complete answer.
    pub stop: Option<String>,
    /// A tool to call after the text; left out if the request offers no tools.
    pub tool: Option<ToolCall>,
}

/// A call of a tool by the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Its input, a JSON object.
    pub input: String,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            status: 200,
            retry_after: None,
            error_message: "the stand-in was told to fail".into(),
            delay: Duration::ZERO,
            text: None,
            bytes: TEXT.len(),
            chunks: 20,
            gap: Duration::ZERO,
            cut_after: None,
            error_after: None,
            stall_after: None,
            split: None,
            input_tokens: 45,
            output_tokens: 156,
            stop: None,
            tool: None,
        }
    }
}

impl Behaviour {
    /// Answers with that status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Answers with that text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// Reads the tag in a message: `[[standin key=value …]]`. None if there is none; an error names a wrong key or value.
    ///
    /// Keys: `status retry_after delay_ms bytes chunks gap_us cut_after error_after stall_after split input_tokens
    /// output_tokens stop tool tool_input`; a value holds no blanks.
    pub fn from_message(message: &str) -> Option<Result<Self, String>> {
        let (_, rest) = message.split_once("[[standin")?;
        let (tag, _) = rest.split_once("]]")?;
        Some(Self::from_tag(tag))
    }

    fn from_tag(tag: &str) -> Result<Self, String> {
        let mut behaviour = Self::default();
        for word in tag.split_whitespace() {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("standin tag: `{word}` is not key=value"))?;
            behaviour.set(key, value)?;
        }
        Ok(behaviour)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        if let "stop" | "tool" | "tool_input" = key {
            self.set_text(key, value);
            return Ok(());
        }
        let number: u32 = value.parse().map_err(|_| format!("standin tag: {key}: `{value}` is not a number"))?;
        let count = number as usize;
        match key {
            "status" => {
                self.status = u16::try_from(number)
                    .ok()
                    .filter(|status| (200..600).contains(status))
                    .ok_or_else(|| format!("standin tag: {number} is no status"))?;
            }
            "retry_after" => self.retry_after = Some(number.into()),
            "delay_ms" => self.delay = Duration::from_millis(number.into()),
            "bytes" => self.bytes = count,
            "chunks" => self.chunks = count,
            "gap_us" => self.gap = Duration::from_micros(number.into()),
            "cut_after" => self.cut_after = Some(count),
            "error_after" => self.error_after = Some(count),
            "stall_after" => self.stall_after = Some(count),
            "split" => self.split = Some(count),
            "input_tokens" => self.input_tokens = number.into(),
            "output_tokens" => self.output_tokens = number.into(),
            _ => return Err(format!("standin tag: `{key}` is unknown")),
        }
        Ok(())
    }

    fn set_text(&mut self, key: &str, value: &str) {
        if key == "stop" {
            self.stop = Some(value.into());
            return;
        }
        let tool = self.tool.get_or_insert_with(|| ToolCall { name: "tool".into(), input: "{}".into() });
        if key == "tool" { tool.name = value.into() } else { tool.input = value.into() }
    }

    /// What the answer says.
    pub(super) fn answer_text(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let mut text = TEXT.repeat(self.bytes / TEXT.len());
        let rest = self.bytes - text.len();
        text.push_str(&TEXT[..TEXT.floor_char_boundary(rest)]);
        // Cut inside a letter, the text is a byte or two short.
        text.extend(std::iter::repeat_n('.', self.bytes - text.len()));
        text
    }

    /// The answer in [`chunks`](Self::chunks) pieces; fewer if it has not that many letters.
    pub(super) fn answer_chunks(&self) -> Vec<String> {
        let letters: Vec<char> = self.answer_text().chars().collect();
        let chunks = self.chunks.clamp(1, letters.len().max(1));
        (0..chunks)
            .map(|chunk| letters[letters.len() * chunk / chunks..letters.len() * (chunk + 1) / chunks].iter().collect())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_text_has_the_size_asked_for_and_survives_chunking() {
        assert_eq!(TEXT.len(), 581);
        for bytes in 0..1400 {
            let behaviour = Behaviour { bytes, chunks: 7, ..Behaviour::default() };
            assert_eq!(behaviour.answer_text().len(), bytes);
            assert_eq!(behaviour.answer_chunks().concat(), behaviour.answer_text());
        }
    }

    #[test]
    fn a_tag_sets_what_it_names_and_nothing_else() {
        let message = "please [[standin status=529 retry_after=1 gap_us=5000 tool=web_fetch tool_input={\"a\":1}]] now";
        let expected = Behaviour {
            status: 529,
            retry_after: Some(1),
            gap: Duration::from_millis(5),
            tool: Some(ToolCall { name: "web_fetch".into(), input: "{\"a\":1}".into() }),
            ..Behaviour::default()
        };
        assert_eq!(Behaviour::from_message(message), Some(Ok(expected)));
        assert_eq!(Behaviour::from_message("[[standin]]"), Some(Ok(Behaviour::default())));
        assert_eq!(Behaviour::from_message("no tag"), None);
    }

    #[test]
    fn a_wrong_tag_says_what_is_wrong() {
        for (tag, named) in [("sttus=1", "sttus"), ("status=x", "status"), ("status=7", "7"), ("lonely", "lonely")] {
            let error = Behaviour::from_message(&format!("[[standin {tag}]]")).expect("a tag").expect_err("wrong");
            assert!(error.contains(named), "{error}");
        }
    }
}
