//! A prepared alert (警报模板): what is said when there is no time to find words, and what is said to take it back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Priority;

/// One row of `alerts.toml`. Its texts have places for words that are not known before, such as `{地点}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What happens, such as `暴雨`; unique in the file.
    pub event: String,
    /// What is said.
    pub text: String,
    /// What is said when it is over (解除).
    pub clear: String,
    /// What is said when it was wrong (更正).
    pub correction: String,
    /// What is said in a drill in place of `text`, if anything else.
    pub drill: Option<String>,
    /// The language of the texts.
    pub language: String,
    /// How strong it is.
    pub priority: Priority,
    /// How long it is in force.
    pub expires: Duration,
    /// How often it is said; once if none.
    pub repeat: Option<Duration>,
}

impl Prepared {
    /// Names every place that its texts leave open.
    pub fn places(&self) -> BTreeSet<String> {
        let texts = [Some(&self.text), Some(&self.clear), Some(&self.correction), self.drill.as_ref()];
        texts.into_iter().flatten().flat_map(|text| places(text)).collect()
    }

    /// Writes `words` into the places of all texts; the names of places for which there is no word, if any.
    pub fn filled(&self, words: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let open: Vec<String> =
            self.places().into_iter().filter(|place| !words.contains_key(place)).collect();
        if !open.is_empty() {
            return Err(open);
        }
        let fill = |text: &String| {
            words.iter().fold(text.clone(), |text, (place, word)| text.replace(&format!("{{{place}}}"), word))
        };
        Ok(Self {
            text: fill(&self.text),
            clear: fill(&self.clear),
            correction: fill(&self.correction),
            drill: self.drill.as_ref().map(fill),
            ..self.clone()
        })
    }
}

/// Names the places of a text, each as often as it stands there.
fn places(text: &str) -> Vec<String> {
    let opened = text.split('{').skip(1);
    opened.filter_map(|rest| rest.split_once('}')).map(|(place, _)| place.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_to_be_filled_and_is_filled_everywhere() {
        let prepared = Prepared {
            event: "暴雨".to_owned(),
            text: "{地点}有暴雨，请到{去处}。".to_owned(),
            clear: "{地点}的暴雨过去了。".to_owned(),
            correction: "刚才说错了。".to_owned(),
            drill: None,
            language: "zh".to_owned(),
            priority: Priority::Urgent,
            expires: Duration::from_hours(2),
            repeat: None,
        };
        let mut words: BTreeMap<String, String> = [("地点".to_owned(), "河东".to_owned())].into();
        assert_eq!(prepared.filled(&words), Err(vec!["去处".to_owned()]));
        words.insert("去处".to_owned(), "学校".to_owned());
        let filled = prepared.filled(&words).unwrap();
        assert_eq!((&*filled.text, &*filled.clear), ("河东有暴雨，请到学校。", "河东的暴雨过去了。"));
    }
}
