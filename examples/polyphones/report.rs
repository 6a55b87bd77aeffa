//! What `make eval` prints.

use std::collections::{BTreeMap, HashMap};

use dalaba::speech::text::pinyin::polyphone::Correction;

use crate::learn::{Example, PARTS, SEED, examples, learn, part, village};

/// One sentence measured.
struct Measured<'e> {
    example: &'e Example,
    right: bool,
    probability: f32,
    /// What was and whether that is what a trusted word of the dictionaries says.
    read: String,
    by_word: bool,
}

/// Prints how good the model is on sentences that it has not learnt from.
pub(crate) fn print() {
    let examples = examples();
    let village = village();
    let folds: Vec<Vec<Measured<'_>>> = (0..PARTS).map(|held| fold(&examples, &village, held)).collect();
    println!("{} annotated sentences, seed {SEED}, parts {PARTS}", examples.len());
    let held = &folds[0];
    println!("\nheld back (part 0, nothing learnt or tuned on it), {} sentences:", held.len());
    println!("  majority vote  {:6.2} %", share(majority(&examples, held), held.len()));
    println!("  this model     {:6.2} %", accuracy(held));
    kinds(held);
    own(&examples);
    let all: Vec<&Measured<'_>> = folds.iter().flatten().collect();
    let right = all.iter().filter(|one| one.right).count();
    let each: Vec<String> = folds.iter().map(|fold| format!("{:.2}", accuracy(fold))).collect();
    println!(
        "\ncross-validated, {} sentences: {:.2} % (parts {})",
        all.len(),
        share(right, all.len()),
        each.join(" ")
    );
    thresholds(&all);
    confusions(&all);
}

fn fold<'e>(examples: &'e [Example], village: &[Example], held: u64) -> Vec<Measured<'e>> {
    let (tested, learnt): (Vec<&Example>, Vec<&Example>) =
        examples.iter().partition(|example| part(example.line) == held);
    let correction = learn(&[learnt, village.iter().collect()].concat());
    tested.into_iter().map(|example| measure(&correction, example)).collect()
}

/// Measures the sentences of our own: by a model of the others only, and by one that has learnt from half of ours too.
fn own(examples: &[Example]) {
    let village = village();
    let others: Vec<&Example> = examples.iter().collect();
    println!("\nvillage sentences, {} characters, chosen because they are hard:", village.len());
    let alone = learn(&others);
    let measured: Vec<Measured<'_>> = village.iter().map(|example| measure(&alone, example)).collect();
    println!("  learnt from the others only: {:.2} %", accuracy(&measured));
    let halves = [0, 1].map(|half| {
        let (tested, learnt): (Vec<&Example>, Vec<&Example>) =
            village.iter().partition(|example| example.line % 2 == half);
        let correction = learn(&[others.clone(), learnt].concat());
        tested.into_iter().map(|example| measure(&correction, example)).collect::<Vec<_>>()
    });
    let measured: Vec<Measured<'_>> = halves.into_iter().flatten().collect();
    println!("  learnt from the other half of them too: {:.2} %", accuracy(&measured));
    for one in measured.iter().filter(|one| !one.right) {
        let (line, example) = (one.example.line + 1, one.example);
        println!(
            "    line {line}: {} {} read {}, {:.2}",
            example.character, example.right, one.read, one.probability
        );
    }
}

fn measure<'e>(correction: &Correction, example: &'e Example) -> Measured<'e> {
    let Some(question) = &example.question else {
        return Measured { example, right: false, probability: 0.0, read: "-".to_owned(), by_word: false };
    };
    let answer = question.answer(correction);
    let read = question.choices[answer.choice].to_string();
    let (probability, by_word) = (answer.probability, answer.by_word);
    Measured { example, right: example.choice == Some(answer.choice), probability, read, by_word }
}

fn accuracy(measured: &[Measured<'_>]) -> f64 {
    share(measured.iter().filter(|one| one.right).count(), measured.len())
}

#[expect(clippy::cast_precision_loss, reason = "thousands, far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Counts what the commonest label of each character in the other parts would get right.
fn majority(examples: &[Example], held: &[Measured<'_>]) -> usize {
    let mut counts: HashMap<char, BTreeMap<&str, usize>> = HashMap::new();
    for example in examples.iter().filter(|example| part(example.line) != 0) {
        *counts.entry(example.character).or_default().entry(&example.right).or_default() += 1;
    }
    let common = |one: &&Measured<'_>| {
        let counted = counts.get(&one.example.character);
        let most = counted.and_then(|counted| counted.iter().max_by_key(|(_, count)| **count));
        most.is_some_and(|(reading, _)| *reading == one.example.right)
    };
    held.iter().filter(common).count()
}

fn kinds(held: &[Measured<'_>]) {
    for (name, phrase) in [("a word of the dictionaries", true), ("the model alone", false)] {
        let of: Vec<&Measured<'_>> = held.iter().filter(|one| one.by_word == phrase).collect();
        let right = of.iter().filter(|one| one.right).count();
        println!("  decided by {name}: {} sentences, {:.2} % right", of.len(), share(right, of.len()));
    }
    let word = |one: &&Measured<'_>| Some((one.example.question.as_ref()?.phrase?, one.example.choice));
    let words: Vec<_> = held.iter().filter_map(|one| word(&one)).collect();
    let right = words.iter().filter(|(word, choice)| Some(*word) == *choice).count();
    println!(
        "  (trusted words alone would be right in {:.2} % of {})",
        share(right, words.len()),
        words.len()
    );
}

fn thresholds(all: &[&Measured<'_>]) {
    println!("\nwarned below | of all characters | wrong among those warned of | errors warned of");
    let errors = all.iter().filter(|one| !one.right).count();
    for threshold in [0.5, 0.6, 0.7, 0.8, 0.9, 0.95] {
        let warned: Vec<_> = all.iter().filter(|one| one.probability < threshold).collect();
        let wrong = warned.iter().filter(|one| !one.right).count();
        println!(
            "        {threshold:.2} | {:15.2} % | {:25.1} % | {:.1} %",
            share(warned.len(), all.len()),
            share(wrong, warned.len()),
            share(wrong, errors)
        );
    }
}

fn confusions(all: &[&Measured<'_>]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in all.iter().filter(|one| !one.right) {
        let name = format!("{} {} read {}", one.example.character, one.example.right, one.read);
        *counts.entry(name).or_default() += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("\nwrong most often:");
    for (name, count) in sorted.iter().take(25) {
        println!("  {count:3} × {name}");
    }
}
