//! The days on which clocks change, lines that never fire, and slots that were passed over.

use openclaw_core::Timestamp;

use super::*;

const NEW_YORK: &str = "America/New_York";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn read(cron: &str, timezone: &str) -> Result<Timing, TimingError> {
    Timing::read(TimingWords { cron: Some(cron), timezone, ..TimingWords::default() }, at("2026-01-01T00:00:00Z"))
}

fn slots(cron: &str, timezone: &str, after: &str, count: usize) -> Vec<String> {
    let timing = read(cron, timezone).expect("a timing");
    timing.upcoming(at(after), count).iter().map(ToString::to_string).collect()
}

fn every(seconds: u64) -> Timing {
    let words = TimingWords { every: Some(seconds), timezone: "UTC", ..TimingWords::default() };
    Timing::read(words, at("2026-01-01T00:00:00Z")).expect("a timing")
}

#[test]
fn a_line_is_read_in_its_zone() {
    assert_eq!(
        slots("0 8 * * MON-FRI", "Asia/Shanghai", "2026-11-20T00:00:00Z", 2),
        ["2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"],
        "Friday's slot is the moment itself, and then comes Monday"
    );
    assert_eq!(slots("30 8 1 * *", "UTC", "2026-01-31T12:00:00Z", 1), ["2026-02-01T08:30:00Z"]);
    assert_eq!(slots("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
    assert_eq!(slots("0 0 * * 7", "UTC", "2026-11-23T00:00:00Z", 1), ["2026-11-29T00:00:00Z"], "7 is Sunday");
}

#[test]
fn a_time_that_the_spring_leaves_out_comes_once_right_after() {
    // On 2026-03-08 New York's clocks go from 02:00 EST (07:00 UTC) to 03:00.
    let day = ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"];
    assert_eq!(slots("30 2 * * *", NEW_YORK, "2026-03-07T00:00:00Z", 3), day);
    assert_eq!(
        slots("0,20,40 2 * * *", NEW_YORK, "2026-03-08T00:00:00Z", 2),
        ["2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z"],
        "three times in the gap are one slot"
    );
    assert_eq!(
        slots("30 2,14 * * *", NEW_YORK, "2026-03-08T00:00:00Z", 2),
        ["2026-03-08T07:00:00Z", "2026-03-08T18:30:00Z"],
        "several hours are no other rule"
    );
    assert_eq!(
        slots("0 2,3 * * *", NEW_YORK, "2026-03-08T00:00:00Z", 2),
        ["2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z"],
        "what comes right after the gap anyway comes once"
    );
    assert_eq!(
        slots("30 * * * *", NEW_YORK, "2026-03-08T06:00:00Z", 2),
        ["2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"],
        "hours are counted where the hour is `*`"
    );
}

#[test]
fn a_time_that_the_autumn_repeats_comes_once() {
    // On 2026-11-01 New York's clocks go from 02:00 EDT (06:00 UTC) back to 01:00.
    assert_eq!(
        slots("30 1 * * *", NEW_YORK, "2026-11-01T00:00:00Z", 2),
        ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
    );
    assert_eq!(
        slots("30 1,13 * * *", NEW_YORK, "2026-11-01T05:30:00Z", 1),
        ["2026-11-01T18:30:00Z"],
        "several hours are no other rule"
    );
    assert_eq!(
        slots("*/30 1 * * *", NEW_YORK, "2026-11-01T06:10:00Z", 1),
        ["2026-11-02T06:00:00Z"],
        "in the second pass all have been"
    );
    assert_eq!(
        slots("0 * * * *", NEW_YORK, "2026-11-01T04:30:00Z", 3),
        ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"],
        "both passes where the hour is `*`"
    );
}

#[test]
fn half_an_hour_may_be_left_out_too() {
    // On 2026-10-04 the clocks of Lord Howe Island go from 02:00 (+10:30) to 02:30 (+11).
    assert_eq!(
        slots("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2),
        ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]
    );
}

#[test]
fn what_never_fires_is_told_by_its_field() {
    let now = at("2026-11-23T00:00:00Z");
    for line in ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
        let error = read(line, "UTC").expect("a line").check_fires(now).expect_err(line);
        assert_eq!(error.field, "cron", "{error}");
    }
    for line in ["", "* * * *", "* * * * * *", "@daily", "61 * * * *", "0 8 * * MONDAY", "0 25 * * *"] {
        assert_eq!(read(line, "UTC").expect_err(line).field, "cron", "{line}");
    }
    assert_eq!(read("0 8 * * *", "Mars/Olympus").expect_err("no zone").field, "timezone");
    let past = Timing::read(TimingWords { at: Some(now), timezone: "UTC", ..TimingWords::default() }, now);
    assert_eq!(past.expect("a timing").check_fires(now).expect_err("the past").field, "at");
    let words = TimingWords { every: Some(0), timezone: "UTC", ..TimingWords::default() };
    assert_eq!(Timing::read(words, now).expect_err("never").field, "every");
    let both = TimingWords { every: Some(5), cron: Some("* * * * *"), timezone: "UTC", ..TimingWords::default() };
    assert!(
        Timing::read(both, now).is_err()
            && Timing::read(TimingWords { timezone: "UTC", ..TimingWords::default() }, now).is_err()
    );
}

#[test]
fn spans_are_counted_from_their_anchor() {
    let next = |after| every(90).next_after(at(after)).expect("a slot").to_string();
    assert_eq!(next("2026-01-01T00:00:00Z"), "2026-01-01T00:01:30Z");
    assert_eq!(next("2026-01-01T00:01:30Z"), "2026-01-01T00:03:00Z");
    assert_eq!(next("2025-01-01T00:01:30Z"), "2026-01-01T00:01:30Z", "not before the anchor");
}

#[test]
fn of_slots_that_have_come_only_the_latest_is_left() {
    let slot = at("2026-01-01T00:00:10Z");
    let alone = due(&every(10), "sch_1", 0, slot, slot);
    assert_eq!(alone, Due { passed: vec![], latest: Some(slot), next: Some(at("2026-01-01T00:00:20Z")) });
    let three = due(&every(10), "sch_1", 0, slot, at("2026-01-01T00:00:39Z"));
    let passed: Vec<_> = three.passed.iter().map(|passed| passed.first.to_string()).collect();
    assert_eq!(passed, ["2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"]);
    assert_eq!(three.latest, Some(at("2026-01-01T00:00:30Z")));
}

#[test]
fn what_was_passed_over_in_a_long_time_is_one_entry() {
    let (slot, now) = (at("2026-01-01T00:00:01Z"), at("2026-12-31T23:59:59Z"));
    let year = due(&every(1), "sch_1", 30, slot, now);
    let [passed] = year.passed.as_slice() else { panic!("{year:?}") };
    let latest = year.latest.expect("all was looked at");
    assert_eq!(passed.count, u64::try_from((latest.as_millis() - slot.as_millis()) / 1000).expect("forward"));
    assert_eq!((passed.first, passed.last), (slot, latest.plus_millis(-1000)));
    assert!(now.as_millis() - latest.as_millis() <= 31_000, "jitter puts off no more than that");
}

#[test]
fn a_look_is_bounded_and_the_next_one_goes_on() {
    let timing = read("* * * * *", "UTC").expect("a timing");
    let (mut slot, now) = (at("2026-01-01T00:01:00Z"), at("2026-01-03T00:00:30Z"));
    let (mut passed, mut looks) = (0, 0);
    let latest = loop {
        let look = due(&timing, "sch_1", 0, slot, now);
        passed += look.passed.iter().map(|passed| passed.count).sum::<u64>();
        looks += 1;
        match look.latest {
            Some(latest) => break latest,
            None => slot = look.next.expect("there is more"),
        }
    };
    assert_eq!((looks, passed, latest), (3, 2879, at("2026-01-03T00:00:00Z")));
}
