//! How often a robot may be told anything.
//!
//! Robots punish an overrun (DingTalk with ten minutes of silence), and a classic token bucket lets up to twice its size
//! through within one window. So a [`Bucket`] remembers its last sends and lets no window, wherever it begins, hold more.

use std::collections::VecDeque;
use std::time::Duration;

use openclaw_core::{EndpointFormat, Timestamp};

use super::robot::robot;

/// The limits of one robot; all hold at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many sends within how long, longest window last.
    pub windows: &'static [Window],
    /// How long to leave it alone once it says that it was too much.
    pub pause: Duration,
}

/// So many sends within so long, as the platform puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Sends.
    pub sends: usize,
    /// The window's length.
    pub length: Duration,
}

impl Window {
    /// The window with a tenth on top: sends that waited on the way can arrive closer together than they left.
    fn length_ms(self) -> i64 {
        let millis = i64::try_from(self.length.as_millis()).unwrap_or(i64::MAX);
        millis.saturating_add(millis / 10)
    }
}

/// The limits of a format's robots; none for `openclaw`.
pub fn rate(format: EndpointFormat) -> Option<Rate> {
    Some(robot(format)?.rate())
}

/// The next send must wait until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitUntil(pub Timestamp);

/// What one robot was sent lately.
#[derive(Clone, Debug)]
pub struct Bucket {
    rate: Rate,
    /// When, in milliseconds since 1970, oldest first; at most as many as the largest window takes.
    sent: VecDeque<i64>,
    paused_until: Timestamp,
}

impl Bucket {
    /// A robot that was sent nothing lately.
    pub fn new(rate: Rate) -> Self {
        Self::after(rate, [])
    }

    /// A robot that was last sent something at those moments, oldest first: what a restart must not forget.
    pub fn after(rate: Rate, sent: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut bucket = Self { rate, sent: VecDeque::new(), paused_until: Timestamp::default() };
        for moment in sent {
            bucket.remember(moment.as_millis());
        }
        bucket
    }

    /// Takes leave to send now, or says when to ask again.
    pub fn try_take(&mut self, now: Timestamp) -> Result<(), WaitUntil> {
        let now_ms = now.as_millis();
        // The machine's clock may be set back; what was sent was then sent at the latest now.
        self.sent.iter_mut().for_each(|sent| *sent = (*sent).min(now_ms));
        let free_at = |window: &Window| {
            let earliest = self.sent.len().checked_sub(window.sends)?;
            Some(self.sent[earliest].saturating_add(window.length_ms()))
        };
        let free_at = self.rate.windows.iter().filter_map(free_at).max().unwrap_or(now_ms);
        let free_at = free_at.max(self.paused_until.as_millis());
        if free_at > now_ms {
            return Err(WaitUntil(Timestamp::from_millis(free_at)));
        }
        self.remember(now_ms);
        Ok(())
    }

    /// Sends nothing before that moment: the platform said that it was too much.
    pub fn pause(&mut self, until: Timestamp) {
        self.paused_until = self.paused_until.max(until);
    }

    fn remember(&mut self, sent: i64) {
        let kept = self.rate.windows.iter().map(|window| window.sends).max().unwrap_or(0);
        self.sent.push_back(sent);
        while self.sent.len() > kept {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROBOTS: [EndpointFormat; 4] =
        [EndpointFormat::Dingtalk, EndpointFormat::Feishu, EndpointFormat::Wecom, EndpointFormat::Slack];

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// The moments at which a robot is told something by a sender that always has something to say.
    fn sends(bucket: &mut Bucket, from: i64, until: i64) -> Vec<i64> {
        let mut sends = Vec::new();
        let mut now = from;
        while now < until {
            match bucket.try_take(at(now)) {
                Ok(()) => sends.push(now),
                Err(WaitUntil(moment)) => now = moment.as_millis(),
            }
        }
        sends
    }

    #[test]
    fn no_window_holds_more_than_the_platform_takes() {
        for format in ROBOTS {
            let rate = rate(format).expect("a robot");
            let sends = sends(&mut Bucket::new(rate), 1_000_000, 1_000_000 + 600_000);
            assert!(sends.len() >= 100, "{format:?} sent {}", sends.len());
            for Window { sends: max, length } in rate.windows {
                let length = i64::try_from(length.as_millis()).expect("short");
                for (index, first) in sends.iter().enumerate() {
                    let within = sends[index..].iter().take_while(|send| **send - first < length).count();
                    assert!(within <= *max, "{format:?}: {within} within {length} ms");
                }
            }
        }
        assert_eq!(rate(EndpointFormat::Openclaw), None);
    }

    #[test]
    fn it_waits_as_long_as_it_says_and_no_longer() {
        let mut bucket = Bucket::new(rate(EndpointFormat::Slack).expect("a robot"));
        assert_eq!(bucket.try_take(at(5_000)), Ok(()));
        assert_eq!(bucket.try_take(at(5_100)), Err(WaitUntil(at(6_100))), "a second, and a tenth of it");
        assert_eq!(bucket.try_take(at(6_100)), Ok(()));
        bucket.pause(at(60_000));
        assert_eq!(bucket.try_take(at(8_000)), Err(WaitUntil(at(60_000))));
        assert_eq!(bucket.try_take(at(60_000)), Ok(()));
    }

    #[test]
    fn a_restart_or_a_clock_set_back_forgets_nothing_and_holds_nothing_up_for_hours() {
        let rate = rate(EndpointFormat::Dingtalk).expect("a robot");
        let mut bucket = Bucket::after(rate, (0..20).map(|_| at(1_000_000)));
        assert_eq!(bucket.try_take(at(1_001_000)), Err(WaitUntil(at(1_066_000))));
        assert_eq!(bucket.try_take(at(10_000)), Err(WaitUntil(at(76_000))), "a minute from the clock's new now");
    }

    proptest! {
        #[test]
        fn whatever_the_pauses_no_window_holds_more(waits in prop::collection::vec(0i64..9_000, 1..120)) {
            let rate = rate(EndpointFormat::Feishu).expect("a robot");
            let mut bucket = Bucket::new(rate);
            let (mut now, mut sends) = (1_000_000, Vec::new());
            for wait in waits {
                now += wait / 20;
                if bucket.try_take(at(now)).is_ok() {
                    sends.push(now);
                }
            }
            for five in sends.windows(6) {
                prop_assert!(five[5] - five[0] >= 1_000);
            }
        }
    }
}
