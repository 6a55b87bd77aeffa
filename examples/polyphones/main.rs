//! Makes and measures what `dalaba pinyin` knows: `eval`, `train`, `pack WORDS.tsv`; see `docs/mandarin-pinyin.md`.

mod learn;
mod report;

use std::fs;
use std::process::ExitCode;

use dalaba::speech::text::pinyin::words::Word;

/// Where the tables lie that are compiled in.
const READINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/speech/text/pinyin/data/readings");

fn main() -> ExitCode {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    match typed.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["eval"] => report::print(),
        ["train"] => train(),
        ["pack", words] => pack(words),
        _ => {
            println!("polyphones eval | train | pack WORDS.tsv");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Learns from every annotated sentence and writes the weights that are shipped.
fn train() {
    let examples = [learn::examples(), learn::village()].concat();
    let learnt = learn::learn(&examples.iter().collect::<Vec<_>>());
    fs::write(format!("{READINGS}/correction.bin"), learnt.bytes()).expect("the weights can be written");
    println!("{} annotated characters, {} bytes", examples.len(), learnt.bytes().len());
}

/// Packs the words that `scripts/pinyin-data.py` found into the table that is shipped.
fn pack(words: &str) {
    let text = fs::read_to_string(words).expect("the words can be read");
    let mut rows: Vec<(&str, u64)> = text.lines().map(row).collect();
    rows.sort_unstable();
    let table = fst::Map::from_iter(rows.iter().copied()).expect("every word stands once");
    fs::write(format!("{READINGS}/words.fst"), table.as_fst().as_bytes()).expect("the words can be written");
    println!("{} words, {} bytes", rows.len(), table.as_fst().as_bytes().len());
}

/// Word, how often counted, dictionaries, agreement in quarters, places of the readings.
fn row(line: &str) -> (&str, u64) {
    let fields: Vec<&str> = line.split('\t').collect();
    let [word, counted, sources, agreed, places] = fields[..] else { panic!("five fields in {line:?}") };
    let number = |field: &str| field.parse::<u32>().expect("a number");
    let small = |field: &str| u8::try_from(number(field)).expect("a small number");
    let places: Vec<u8> = places.split(',').filter(|place| !place.is_empty()).map(small).collect();
    (word, Word::pack(number(counted), small(sources), small(agreed), &places).packed())
}
