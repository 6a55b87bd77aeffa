//! Groups of stations in `station.toml`: when each starts after the first, and what is wrong with a group.

use std::time::Duration;

use dalaba::config::{Source, parse_site};
use dalaba::station::kinds::kinds;

/// What a complaint underlines, what is wrong there, and what to do.
type Said = (String, String, String);

/// Reads stations of the given groups (none if empty) and what follows them; returns how long after the first of its group
/// each starts, and each complaint with what it underlines.
fn read(groups: &[&str], more: &str) -> (Vec<Option<Duration>>, Vec<Said>) {
    let station = |(n, group): (usize, &&str)| {
        let group = if group.is_empty() { String::new() } else { format!("group = \"{group}\"\n") };
        format!("[[station]]\nid = \"站{n}\"\n{group}output = {{ kind = \"null\" }}\n")
    };
    let text = groups.iter().enumerate().map(station).collect::<String>() + more;
    let parsed = parse_site(&Source { path: "station.toml".into(), text: text.clone() }, &kinds());
    let complaints = parsed.complaints.iter();
    let said = complaints.map(|c| (text[c.span.clone()].to_owned(), c.what.zh.clone(), c.fix.zh.clone()));
    let said = said.collect();
    let stations = parsed.value.map(|site| site.stations).unwrap_or_default();
    (stations.into_iter().map(|station| station.group.map(|group| group.after)).collect(), said)
}

#[test]
fn stations_of_a_group_start_together_or_one_after_another_in_the_order_written() {
    let (after, said) =
        read(&["河边", "", "村里", "河边", "河边"], "[[group]]\nid = \"河边\"\nstagger = \"1.2s\"\n");
    let ms = |ms| Some(Duration::from_millis(ms));
    assert_eq!((after, said), (vec![ms(0), None, ms(0), ms(1_200), ms(2_400)], vec![]));
}

#[test]
fn a_group_that_no_station_names_is_a_mistake_and_the_one_that_was_meant_is_proposed() {
    let (_, said) = read(&["河边喇叭"], "[[group]]\nid = \"河边喇吧\"\nstagger = \"1s\"\n");
    let (word, what, fix) = said.first().cloned().unwrap_or_default();
    assert_eq!((word.as_str(), what.as_str()), ("\"河边喇吧\"", "没有站点在组 `河边喇吧` 里"));
    assert_eq!(fix, "是不是想写 `河边喇叭`？");
}

#[test]
fn a_group_whose_last_station_would_start_after_half_a_minute_is_a_mistake() {
    let groups = ["河边"; 5];
    let (_, said) = read(&groups, "[[group]]\nid = \"河边\"\nstagger = \"9s\"\n");
    let (word, what, _) = said.first().cloned().unwrap_or_default();
    assert_eq!((word.as_str(), what.as_str()), ("\"9s\"", "5 个站点这样错开，最后一个要晚 36.0 秒起播"));
    let (_, said) = read(&groups, "[[group]]\nid = \"河边\"\nstagger = \"11s\"\n");
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(read(&groups, "[[group]]\nid = \"河边\"\nstagger = \"7.5s\"\n").1, []);
}

#[test]
fn two_groups_of_one_name_are_a_mistake() {
    let (_, said) = read(&["河边"], "[[group]]\nid = \"河边\"\n[[group]]\nid = \"河边\"\n");
    assert_eq!(said.len(), 1, "{said:?}");
}
