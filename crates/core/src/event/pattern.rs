//! Patterns of events: what an endpoint asks for.

use super::EventName;

/// One entry of an endpoint's `events`: `*`, `agent.*`, or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventPattern {
    /// `*`: every documented event, and never more, so that a new version does not surprise an old receiver.
    Documented,
    /// `agent.*`: every event of a noun, the opt-in ones too.
    Noun(&'static str),
    /// One event.
    Name(EventName),
}

impl EventPattern {
    /// Reads a pattern; `None` if it could match no event.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Documented);
        }
        let Some(noun) = text.strip_suffix(".*") else {
            return EventName::parse(text).map(Self::Name);
        };
        EventName::ALL.iter().map(|event| event.noun()).find(|known| *known == noun).map(Self::Noun)
    }

    /// Whether the event is one that the pattern asks for.
    pub fn matches(self, event: EventName) -> bool {
        match self {
            Self::Documented => event.is_documented(),
            Self::Noun(noun) => event.noun() == noun,
            Self::Name(name) => event == name,
        }
    }
}

impl std::fmt::Display for EventPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Documented => f.write_str("*"),
            Self::Noun(noun) => write!(f, "{noun}.*"),
            Self::Name(name) => f.write_str(name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str) -> Vec<&'static str> {
        let pattern = EventPattern::parse(pattern).expect("a pattern");
        EventName::ALL.iter().filter(|event| pattern.matches(**event)).map(|event| event.as_str()).collect()
    }

    #[test]
    fn a_pattern_matches_what_it_says() {
        assert_eq!(matched("*").len(), 7);
        assert_eq!(matched("message.*"), ["message.received", "message.sent"]);
        assert_eq!(matched("rate_limit.*"), ["rate_limit.exceeded"]);
        assert!(matched("agent.*").contains(&"agent.step"), "a noun's pattern names the opt-in ones too");
        assert_eq!(matched("agent.step"), ["agent.step"]);
    }

    #[test]
    fn a_pattern_is_written_as_it_was_read_and_a_slip_is_none() {
        for text in ["*", "agent.*", "webhook.test"] {
            assert_eq!(EventPattern::parse(text).map(|pattern| pattern.to_string()).as_deref(), Some(text));
        }
        for text in ["", "**", "agent", "agents.*", ".*", "*.completed", "agent.complete", "Agent.*", "agent.* "] {
            assert_eq!(EventPattern::parse(text), None, "{text}");
        }
    }
}
