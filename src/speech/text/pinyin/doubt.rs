//! Which readings a person should look at before they are aired.

use super::characters::readings;
use crate::model::Syllable;
use crate::speech::text::script::{Script, Spoken, Unit, Why};

/// A reading less probable than this is doubtful.
pub const DOUBTFUL: f32 = 0.7;

/// A reading that may be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Where the character stands in the written text, in characters from 0.
    pub source: usize,
    /// The character.
    pub character: char,
    /// How it is read.
    pub read: Syllable,
    /// How probable that is, 0 to 1; 0 if no dictionary here has the character.
    pub probability: f32,
    /// Its other readings, the commonest first.
    pub others: Vec<Syllable>,
}

/// Lists the readings that may be wrong, in the order of the text: those less probable than [`DOUBTFUL`], and characters
/// that no dictionary here has.
pub fn doubtful(script: &Script) -> Vec<Doubt> {
    script
        .units
        .iter()
        .filter_map(|unit| if let Unit::Syllable(spoken) = unit { doubt(spoken) } else { None })
        .collect()
}

fn doubt(spoken: &Spoken) -> Option<Doubt> {
    let found = readings(spoken.character);
    let probability = match spoken.why {
        Why::Model(probability) => probability,
        Why::Commonest if found.is_none() => 0.0,
        _ => return None,
    };
    let others = found.map(|found| found.all_choices().filter(|other| *other != spoken.citation).collect());
    (probability < DOUBTFUL).then_some(Doubt {
        source: spoken.source?,
        character: spoken.character,
        read: spoken.citation,
        probability,
        others: others.unwrap_or_default(),
    })
}
