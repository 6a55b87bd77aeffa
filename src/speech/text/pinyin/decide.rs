//! Who decides a character's reading: the lexicon, the words and the model, or that there is only one.

use super::Decision;
use super::characters::readings;
use super::lexicon::Lexicon;
use super::polyphone::{Correction, Question, about};
use super::sentence::Sentence;
use super::words::Words;
use crate::speech::text::script::Why;

/// Decides every character of a sentence; returns each with the item of the text that it is.
pub(super) fn decide(
    sentence: &Sentence,
    lexicon: &Lexicon,
    correction: &Correction,
) -> Vec<(usize, Decision)> {
    let words = Words::of(&sentence.said);
    let mut decided: Vec<(usize, Decision)> = (0..sentence.said.len())
        .filter_map(|at| Some((*sentence.items.get(at)?, plain(sentence, &words, at))))
        .collect();
    for question in about(sentence, &words) {
        let place = decided.partition_point(|(item, _)| *item < question.item);
        if let Some((_, decision)) = decided.get_mut(place) {
            by_model(decision, &question, correction);
        }
    }
    by_lexicon(&mut decided, sentence, lexicon);
    decided
}

/// Decides a character that needs no model: by its word, or because there is nothing to choose.
fn plain(sentence: &Sentence, words: &Words, at: usize) -> Decision {
    let word = words.around(at);
    let begins_word = word.is_none_or(|word| word.at == at);
    let found = sentence.said.get(at).and_then(|character| readings(*character));
    let asked = sentence.places.get(at).copied().flatten().is_some();
    let Some(found) = found else { return Decision { reading: None, why: Why::Commonest, begins_word } };
    // Dictionaries that disagree are no reason to leave the only reading.
    let word = word.filter(|word| asked && word.length > 1 && found.choices == 1);
    let place = word
        .and_then(|word| word.word.filter(|word| word.agreed() > 2).map(|known| known.place(at - word.at)));
    let other = place.filter(|place| *place > 0).and_then(|place| found.get(place));
    let why = match other {
        Some(_) => Why::Phrase,
        None if found.choices > 1 => Why::Commonest,
        None => Why::Only,
    };
    Decision { reading: other.or_else(|| found.get(0)), why, begins_word }
}

fn by_model(decision: &mut Decision, question: &Question, correction: &Correction) {
    let answer = question.answer(correction);
    if let Some(reading) = question.choices.get(answer.choice) {
        decision.reading = Some(*reading);
        decision.why = if answer.by_word { Why::Phrase } else { Why::Model(answer.probability) };
    }
}

/// Lets the lexicon's words overrule, the longest from the left; each is a word of the sentence then.
fn by_lexicon(decided: &mut [(usize, Decision)], sentence: &Sentence, lexicon: &Lexicon) {
    let mut at = 0;
    while at < sentence.said.len() {
        let Some(hit) = lexicon.find(&sentence.said, at) else {
            at += 1;
            continue;
        };
        let why = if hit.own { Why::OwnLexicon } else { Why::Lexicon };
        let places = decided.iter_mut().skip(at).zip(hit.readings);
        for (offset, ((_, decision), reading)) in places.enumerate() {
            *decision = Decision { reading: Some(*reading), why, begins_word: offset == 0 };
        }
        at += hit.length.max(1);
        if let Some((_, behind)) = decided.get_mut(at) {
            behind.begins_word = true;
        }
    }
}
