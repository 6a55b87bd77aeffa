//! From the values of `alert-map.toml` and `areas.toml` to what a county has decided about warnings of others.

use crate::cap::{AlertMap, AlertRule, Place, Point, Verdict};
use crate::model::{Target, Words};

use super::reader::{Entries, Reader};
use super::value::Value;

/// Builds the table of priorities; `None` when something that it needs was refused.
pub(super) fn alert_map(entries: &Entries, reader: &mut Reader<'_>) -> Option<AlertMap> {
    let rules: Vec<AlertRule> = entries.tables("rule").filter_map(rule).collect();
    for (at, table) in entries.tables("rule").enumerate() {
        let before = entries.tables("rule").take(at).position(is_open);
        if let Some(before) = before {
            let (line, _) = reader
                .source
                .position(entries.tables("rule").nth(before).map_or(0, |table| table.span.start));
            reader.warn(
                &table.span,
                Words::new(
                    format!("轮不到这条规则：第 {line} 行的规则什么都合适"),
                    format!("this rule is never reached: the one in line {line} fits everything"),
                ),
                Words::new("把它挪到前面", "move it up"),
            );
        }
    }
    let mut languages = texts(entries, "languages");
    if languages.is_empty() {
        languages = vec!["zh".to_owned(), "en".to_owned()];
    }
    Some(AlertMap {
        languages: languages.iter().map(|tag| primary(tag)).collect(),
        longest: usize::try_from(entries.integer("longest")?).ok()?,
        lasts: entries.length("lasts")?,
        rules,
        otherwise: Verdict { priority: priority(entries.text("otherwise")?), repeat_every: None },
    })
}

/// Tells whether a rule has no condition at all.
fn is_open(table: &Entries) -> bool {
    !["event_codes", "responses", "severity", "urgency", "certainty"].into_iter().any(|key| table.wrote(key))
}

fn rule(table: &Entries) -> Option<AlertRule> {
    Some(AlertRule {
        event_codes: texts(table, "event_codes"),
        responses: texts(table, "responses"),
        severity: texts(table, "severity"),
        urgency: texts(table, "urgency"),
        certainty: texts(table, "certainty"),
        verdict: Verdict {
            priority: priority(table.text("priority")?),
            repeat_every: table.length("repeat_every"),
        },
    })
}

/// `none` stands for no priority.
fn priority(text: &str) -> Option<crate::model::Priority> {
    text.parse().ok()
}

/// Languages are told apart as the voices are: by their first part.
fn primary(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    if primary == "cmn" { "zh".to_owned() } else { primary }
}

/// Builds the places, in the order of the file; `None` when one was refused.
pub(super) fn areas(entries: &Entries, reader: &mut Reader<'_>) -> Option<Vec<Place>> {
    let places: Vec<Option<Place>> = entries.tables("place").map(|table| place(table, reader)).collect();
    places.into_iter().collect()
}

fn place(table: &Entries, reader: &mut Reader<'_>) -> Option<Place> {
    let target = |value: &Value| if let Value::Target(target) = value { Some(target.clone()) } else { None };
    let targets: Vec<Target> = table.list("stations").filter_map(target).collect();
    if targets.contains(&Target::All) {
        reader.error(
            &table.span_of("stations"),
            Words::new("这里不能写 `*`", "`*` cannot stand here"),
            Words::new(
                "写出站点或区域：地点写错了，不能让全县都响",
                "name stations or zones: a mistake about a place must not wake a whole county",
            ),
        );
        return None;
    }
    let position = match table.text("position").map(str::parse::<Point>) {
        None => None,
        Some(Ok(position)) => Some(position),
        Some(Err(words)) => {
            let fix = Words::new("写成 `\"37.4413,114.5012\"`", "write it as `\"37.4413,114.5012\"`");
            reader.error(&table.span_of("position"), words, fix);
            return None;
        }
    };
    let place = Place {
        targets,
        codes: texts(table, "codes"),
        code_names: texts(table, "code_names"),
        names: texts(table, "names"),
        position,
    };
    if !["codes", "names", "position"].into_iter().any(|key| table.wrote(key)) {
        reader.error(
            &table.span,
            Words::new("没有说这个地点在哪里", "nothing says where this place is"),
            Words::new("写上 `codes`、`names` 或 `position`", "add `codes`, `names` or `position`"),
        );
    }
    (!place.targets.is_empty()).then_some(place)
}

fn texts(table: &Entries, key: &str) -> Vec<String> {
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    table.list(key).filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse_alert_map, parse_areas};
    use crate::model::Priority;

    fn source(text: &str) -> Source {
        Source { path: "alert-map.toml".into(), text: text.into() }
    }

    #[test]
    fn an_empty_table_is_cautious() {
        let map = parse_alert_map(&source("")).value.unwrap();
        assert_eq!(map.otherwise.priority, Some(Priority::Important), "heard, but never at night");
        assert_eq!((map.languages, map.longest), (vec!["zh".to_owned(), "en".to_owned()], 300));
    }

    #[test]
    fn what_is_no_word_of_cap_is_refused_with_a_suggestion() {
        let parsed = parse_alert_map(&source("[[rule]]\nseverity = [\"Extrem\"]\npriority = \"urgent\"\n"));
        assert!(parsed.value.is_none());
        assert!(parsed.complaints[0].fix.en.contains("Extreme"), "{:?}", parsed.complaints);
    }

    #[test]
    fn a_rule_that_is_never_reached_is_told() {
        let text = "[[rule]]\npriority = \"urgent\"\n[[rule]]\nseverity = [\"Minor\"]\npriority = \"none\"\n";
        let parsed = parse_alert_map(&source(text));
        assert!(parsed.value.is_some());
        assert!(parsed.complaints[0].what.en.contains("line 1"), "{:?}", parsed.complaints);
    }

    #[test]
    fn a_place_that_is_nowhere_or_everywhere_is_refused() {
        for text in [
            "[[place]]\nstations = [\"赵家庄\"]\n",
            "[[place]]\nstations = [\"*\"]\nnames = [\"临城县\"]\n",
            "[[place]]\nstations = [\"赵家庄\"]\nposition = \"114.5,37.4\"\n",
        ] {
            assert!(parse_areas(&source(text)).value.is_none(), "{text}");
        }
        let good = "[[place]]\nstations = [\"赵家庄\", \"zone:河东\"]\ncodes = [\"130522101201\"]\nposition = \"37.4,114.5\"\n";
        assert_eq!(parse_areas(&source(good)).value.unwrap()[0].targets.len(), 2);
    }
}
