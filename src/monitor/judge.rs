//! The judgement: where in the recording the sound would be, how much of it is there, and what that means.

use std::ops::Range;
use std::time::Duration;

use super::prints::{self, BANDS, FRAMES, Prints};
use super::{EARLY, LONGEST_DELAY};
use crate::model::{Audible, Clip, Doubt};

/// Frames of one piece (1 s), and from one piece to the next. Each must be found by itself: a chime that is the same, or half
/// a message, must not vouch for the rest.
const PIECE: usize = FRAMES;
const STEP: usize = FRAMES / 2;

/// Part of a piece that must sound for it to count; pauses prove nothing.
const SOUNDING: f32 = 0.4;
/// A frame sounds if its power is more than this part of a loud frame's: 20 dB below.
const QUIET: f32 = 0.01;

/// Pieces that must count for anything to be said.
const FEWEST: usize = 3;

/// A piece is found if it agrees so well, and is found beyond doubt if it agrees so well.
const FOUND: f32 = 0.35;
const CLEAR: f32 = 0.6;

/// It was heard if so many of its pieces were found, none too many in a row were not, and all of them agree so well on the
/// average.
const MOST_OF_IT: f32 = 0.8;
const HEARD: f32 = 0.45;
/// Pieces in a row that may be missing: three are two seconds, a few words.
const LONGEST_GAP: usize = 2;

/// Below this average, nothing like it is there.
const NOTHING: f32 = 0.2;

/// So much louder than this microphone usually hears its station, in dB, a sound may hide it.
const HIDES: f32 = 4.0;
/// Taken as usual before it was ever heard, dBFS.
const USUAL: f32 = -20.0;

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The sound, as it was given to the output.
    pub clip: &'a Clip,
    /// How much of it was played, from the beginning.
    pub played: Duration,
    /// How much of that is a chime, which other stations have too; it proves nothing.
    pub chime: Duration,
}

/// What was found in a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Whether it was heard.
    pub heard: Audible,
    /// Why nobody can say; none unless it is not known.
    pub doubt: Option<Doubt>,
    /// Level in the bands of a horn, dBFS, over the time in which it would have sounded.
    pub level: Option<f32>,
    /// How well sent and recorded sound agree, 0 to 1.
    pub score: Option<f32>,
    /// How much later than it was sent it came in; less than nothing is nothing.
    pub delay: Option<Duration>,
}

impl Finding {
    /// Says that nobody can say.
    pub fn unknown(doubt: Doubt) -> Self {
        Self { heard: Audible::Unknown, doubt: Some(doubt), level: None, score: None, delay: None }
    }
}

/// Judges whether `recorded`, which begins [`EARLY`] before the first sample of what was `sent` and should reach
/// [`LONGEST_DELAY`] beyond its last one, holds it. `usual` is the level at which this microphone last heard its station, dBFS.
pub fn judge(sent: Sent<'_>, recorded: &Clip, usual: Option<f32>) -> Finding {
    let played = samples_in(sent.played, sent.clip.rate).min(sent.clip.samples.len());
    let ours = prints::take(&sent.clip.samples[..played], sent.clip.rate);
    let theirs = prints::take(&recorded.samples, recorded.rate);
    let chime = frames_in(sent.chime).min(ours.frames.len());
    let pieces = pieces(&ours, chime);
    if pieces.len() < FEWEST {
        let doubt = if sent.played.saturating_sub(sent.chime) < Duration::from_secs(2) {
            Doubt::TooShort
        } else {
            Doubt::TooQuiet
        };
        return Finding::unknown(doubt);
    }
    let weights = weights(&ours, ours.bands.min(theirs.bands));
    let pair = Pair { ours: &ours, theirs: &theirs, weights };
    let (lag, _) = pair.best(&(0..ours.frames.len()), 0..frames_in(EARLY + LONGEST_DELAY));
    let agreements: Vec<f32> = pieces.iter().map(|piece| pair.best(piece, around(lag)).1).collect();
    let level = level(&theirs, lag, ours.frames.len());
    let (heard, doubt) = verdict(&agreements, level, usual.unwrap_or(USUAL));
    let delay = Duration::from_millis(1000 / FRAMES as u64 * lag as u64).saturating_sub(EARLY);
    Finding {
        heard,
        doubt,
        level: Some(level),
        score: Some(average(&agreements).clamp(0.0, 1.0)),
        delay: (heard == Audible::Yes).then_some(delay),
    }
}

/// Decides by how well the pieces agree, and by how loud it was.
fn verdict(agreements: &[f32], level: f32, usual: f32) -> (Audible, Option<Doubt>) {
    let part = |least: f32| {
        let good: Vec<f32> = agreements.iter().map(|one| if *one >= least { 1.0 } else { 0.0 }).collect();
        average(&good)
    };
    let (whole, found, clear) = (average(agreements), part(FOUND), part(CLEAR));
    let gap = agreements.split(|one| *one >= FOUND).map(<[f32]>::len).max().unwrap_or_default();
    if found >= MOST_OF_IT && whole >= HEARD && gap <= LONGEST_GAP {
        return (Audible::Yes, None);
    }
    // Some of it came in as clear as can be, so that the rest would have, too.
    let a_part_of_it = clear >= 0.25 && found < MOST_OF_IT;
    let hidden = whole >= NOTHING || level > usual + HIDES;
    if hidden && !a_part_of_it { (Audible::Unknown, Some(Doubt::TooNoisy)) } else { (Audible::No, None) }
}

/// Two sounds side by side.
struct Pair<'a> {
    ours: &'a Prints,
    theirs: &'a Prints,
    weights: [f32; BANDS],
}

impl Pair<'_> {
    /// Finds the lag among `lags`, in frames, at which `piece` of ours agrees best with theirs, and how well.
    fn best(&self, piece: &Range<usize>, lags: Range<usize>) -> (usize, f32) {
        let agreed = lags.map(|lag| (lag, self.agreement(piece, lag)));
        agreed.fold((0, f32::NEG_INFINITY), |best, one| if one.1 > best.1 { one } else { best })
    }

    /// Correlates band by band, -1 to 1; where nothing was recorded, nothing agrees.
    fn agreement(&self, piece: &Range<usize>, lag: usize) -> f32 {
        let (mut both, mut one, mut other) = ([0.0_f32; BANDS], [0.0_f32; BANDS], [0.0_f32; BANDS]);
        let theirs = self.theirs.frames.iter().skip(piece.start + lag);
        let missing = std::iter::repeat(&[0.0; BANDS]);
        for (ours, theirs) in self.ours.frames[piece.clone()].iter().zip(theirs.chain(missing)) {
            for band in 0..BANDS {
                both[band] += ours[band] * theirs[band];
                one[band] += ours[band] * ours[band];
                other[band] += theirs[band] * theirs[band];
            }
        }
        let of_band = |band: usize| both[band] / ((one[band] * other[band]).sqrt() + f32::MIN_POSITIVE);
        (0..BANDS).map(|band| self.weights[band] * of_band(band)).sum()
    }
}

/// Lists the pieces in which enough sounds, from frame `first` on.
fn pieces(prints: &Prints, first: usize) -> Vec<Range<usize>> {
    let mut loudest = prints.power.clone();
    loudest.sort_by(f32::total_cmp);
    let loud = loudest.get(loudest.len() * 9 / 10).copied().unwrap_or_default();
    let sounds = |frame: &usize| prints.power[*frame] > loud * QUIET && prints.power[*frame] > 0.0;
    let enough = |piece: &Range<usize>| share(piece.clone().filter(sounds).count(), PIECE) >= SOUNDING;
    let last = (prints.frames.len() + 1).saturating_sub(PIECE);
    (first..last).step_by(STEP).map(|at| at..at + PIECE).filter(enough).collect()
}

/// Weighs each band by how much it moves in what was sent; bands that one of the two cannot have do not count.
fn weights(prints: &Prints, bands: usize) -> [f32; BANDS] {
    let moves = |band: usize| {
        let power: f32 = prints.frames.iter().map(|frame| frame[band] * frame[band]).sum();
        if band < bands { power.sqrt() } else { 0.0 }
    };
    let weights: [f32; BANDS] = std::array::from_fn(moves);
    let sum = weights.iter().sum::<f32>() + f32::MIN_POSITIVE;
    weights.map(|weight| weight / sum)
}

/// Measures how loud it was while it would have sounded, dBFS.
fn level(prints: &Prints, lag: usize, frames: usize) -> f32 {
    let meant: Vec<f32> = prints.power.iter().skip(lag).take(frames).copied().collect();
    10.0 * (average(&meant) + 1e-12).log10()
}

fn around(lag: usize) -> Range<usize> {
    lag.saturating_sub(1)..lag + 2
}

fn average(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / share(values.len(), 1) }
}

#[expect(clippy::cast_precision_loss, reason = "some thousand frames at the most")]
fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole as f32
}

fn frames_in(length: Duration) -> usize {
    usize::try_from(length.as_millis()).unwrap_or(usize::MAX) * FRAMES / 1000
}

fn samples_in(length: Duration, rate: u32) -> usize {
    let samples = length.as_nanos() * u128::from(rate) / 1_000_000_000;
    usize::try_from(samples).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each piece alone may agree so well by chance; all of them together have to agree better.
    #[test]
    fn pieces_that_were_each_just_found_do_not_make_a_message_heard() {
        let judged = |agreement: f32| verdict(&[agreement; 12], USUAL, USUAL).0;
        assert_eq!(judged(FOUND + 0.02), Audible::Unknown);
        assert_eq!(judged(HEARD + 0.02), Audible::Yes);
        assert_eq!(judged(NOTHING - 0.02), Audible::No);
    }

    /// Pieces here and there are lost to the wind; several in a row are words that nobody heard.
    #[test]
    fn a_few_words_that_are_missing_in_a_row_are_not_made_good_by_a_long_message() {
        let with_gaps = |gaps: [usize; 3]| {
            let mut agreements = [0.8; 21];
            for gap in gaps {
                agreements[gap] = 0.0;
            }
            verdict(&agreements, USUAL, USUAL).0
        };
        assert_eq!(with_gaps([3, 9, 15]), Audible::Yes);
        assert_eq!(with_gaps([9, 10, 15]), Audible::Yes);
        assert_eq!(with_gaps([9, 10, 11]), Audible::Unknown);
    }

    #[test]
    fn half_of_the_pieces_are_not_the_message_however_clear_they_are() {
        let every_other: Vec<f32> = [0.95, 0.0].repeat(10);
        assert_eq!(verdict(&every_other, USUAL, USUAL).0, Audible::No);
    }
}
