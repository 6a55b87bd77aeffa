//! The guards of cron expressions, one line a mistake.

use proptest::prelude::*;

use super::*;
use crate::model::Lang;

fn fault(text: &str) -> (String, String) {
    let fault = parse(text).unwrap_err();
    (text[fault.range.clone()].to_owned(), fault.fix.in_lang(Lang::En).to_owned())
}

/// (expression, the part underlined, a piece of the fix)
const REFUSED: &[(&str, &str, &str)] = &[
    ("", "", "minute hour day month weekday"),
    ("   ", "   ", "minute hour day month weekday"),
    ("30 6 * *", "30 6 * *", "minute hour day month weekday"),
    ("0 30 6 * * * 2026", "2026", "valid_from"),
    ("1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8", "minute hour day month weekday"),
    ("30 6 * * 1-5", "1-5", "mon-fri"),
    ("30 6 * * 0", "0", "sun"),
    ("30 6 * * 7", "7", "sun"),
    ("30 6 * * 1,3,5", "1,3,5", "mon,wed,fri"),
    ("30 6 * * 9", "9", "sun mon"),
    ("30 6 * * fri-mon", "fri-mon", "fri,sat,sun,mon"),
    ("30 6 * * mon/2", "mon/2", "mon,wed,fri"),
    ("0 22-2 * * *", "22-2", "22-23,0-2"),
    ("0 23-0 * * *", "23-0", "write 23,0"),
    ("0 22-2/2 * * *", "22-2/2", "22,0,2"),
    ("0 8 25-5 * *", "25-5", "25-31,1-5"),
    ("0 8 1 nov-feb *", "nov-feb", "11-12,1-2"),
    ("*/0 * * * *", "*/0", "1 or more"),
    ("*/90 * * * *", "*/90", "1 to 59"),
    ("*/+5 * * * *", "*/+5", "1 to 59"),
    ("5/ * * * *", "5/", "1 to 59"),
    ("60 * * * *", "60", "0 to 59"),
    ("0 24 * * *", "24", "midnight is 0"),
    ("0 6 0 * *", "0", "1 to 31"),
    ("0 6 32 * *", "32", "1 to 31"),
    ("0 6 * 13 *", "13", "1 to 12"),
    ("99999999999999999999 6 * * *", "99999999999999999999", "0 to 59"),
    ("0 6 L * *", "L", "by month"),
    ("0 6 LW * *", "LW", "by month"),
    ("0 6 15W * *", "15W", "workdays"),
    ("0 6 * * fri#2", "fri#2", "8-14"),
    ("0 6 * * 5#2", "5#2", "8-14"),
    ("0 6 * * friL", "friL", "by month"),
    ("0 6 * * monkey", "monkey", "sun mon"),
    ("0 6 * * 周一", "周一", "mon"),
    ("0 6 * * 星期天", "星期天", "sun"),
    ("? 6 * * *", "?", "write *"),
    ("6:30 * * * *", "6:30", "at = [\"6:30\"]"),
    ("0 6,,8 * * *", "6,,8", "extra comma"),
    ("0 6, 12 * * *", "6,", "no blank beside a comma"),
    ("-5 6 * * *", "-5", "0 to 59"),
    ("@daily", "@daily", "0 0 * * *"),
    (" @hourly ", "@hourly", "0 * * * *"),
    ("@reboot", "@reboot", "minute hour day month weekday"),
    ("３0 6 * * *", "３", "\"30 6 * * *\""),
    ("30 6 ＊ * *", "＊", "\"30 6 * * *\""),
    ("30 6，12 * * *", "，", "\"30 6,12 * * *\""),
    ("30\u{3000}6 * * *", "\u{3000}", "\"30 6 * * *\""),
];

#[test]
fn every_mistake_is_underlined_and_told_what_to_write() {
    for (text, underlined, fix) in REFUSED {
        let (at, told) = fault(text);
        assert_eq!(at, *underlined, "{text:?} is underlined elsewhere");
        assert!(told.contains(fix), "{text:?}: {told:?} does not say {fix:?}");
    }
}

#[test]
fn every_message_has_both_languages() {
    for (text, ..) in REFUSED {
        let fault = parse(text).unwrap_err();
        for words in [&fault.what, &fault.fix] {
            assert!(words.zh.contains(|c: char| !c.is_ascii()), "{text:?}: {:?} is not Chinese", words.zh);
            assert!(!words.en.is_empty());
        }
    }
}

#[test]
fn a_line_of_five_fields_fires_at_second_zero() {
    let line = parse("30 6 * * *").unwrap();
    assert_eq!(line.schedule.source(), "0 30 6 * * *");
    assert_eq!(parse("\t0  30 6 * * * \n").unwrap().schedule, line.schedule);
}

#[test]
fn what_the_crate_reads_right_is_handed_over() {
    for (text, source) in [
        ("0 30 6,12,18 * * *", "0 30 6,12,18 * * *"),
        ("5/15 * * * *", "0 5/15 * * * *"),
        ("*/10 8-10 * JAN,Feb *", "0 */10 8-10 * 1,2 *"),
        ("0 30 6 ? * MON-FRI", "0 30 6 ? * mon,tue,wed,thu,fri"),
        ("0 8 * * Sat-Sun", "0 0 8 * * sat,sun"),
        ("0 8 * * mon-sunday", "0 0 8 * * mon,tue,wed,thu,fri,sat,sun"),
        ("0 8 * * sun-thurs", "0 0 8 * * sun,mon,tue,wed,thu"),
        ("0 8 * * mon-fri/2", "0 0 8 * * mon,wed,fri"),
    ] {
        let line = parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(line.schedule.source(), source);
    }
}

#[test]
fn day_of_month_with_weekday_is_noticed_because_both_must_hold() {
    assert!(parse("0 8 1,15 * mon").unwrap().both_day_fields);
    assert!(!parse("0 8 1,15 * ?").unwrap().both_day_fields);
    assert!(!parse("0 8 * * mon").unwrap().both_day_fields);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_and_every_range_can_be_cut(text in any::<String>()) {
        if let Err(fault) = parse(&text) {
            prop_assert!(text.get(fault.range).is_some());
        }
    }

    #[test]
    fn nothing_that_looks_like_cron_makes_it_panic(text in "[-0-9*/,?LW#@a-z周一３ ]{0,40}( [-0-9*/,a-z]{1,6}){0,6}") {
        if let Err(fault) = parse(&text) {
            prop_assert!(text.get(fault.range).is_some());
        }
    }

    #[test]
    fn whatever_passes_the_guards_is_read_by_the_crate(
        text in "([0-9]{1,2}|\\*|\\*/[1-9]|[0-9]-[0-9]{1,2}) ([0-9]{1,2}|\\*) ([0-9]{1,2}|\\?) [0-9*] (mon|\\*|sat-sun|[a-f]{3})"
    ) {
        let unreadable = CronFault::unreadable(0..0).what;
        if let Err(fault) = parse(&text) {
            prop_assert_ne!(fault.what, unreadable);
        }
    }
}
