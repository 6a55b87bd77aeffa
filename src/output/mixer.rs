//! The volume control of a sound card (ALSA), set in place of our own gain: a card that is turned down adds no noise of its own.

use alsa::Round;
use alsa::mixer::{MilliBel, SelemChannelId, SelemId};

use super::OutputFault;
use super::device::not_numbered;
use crate::model::{FULL, Mixer, decibels, gain};

/// Sets the volume to a percentage, and returns the factor by which the samples are still to be multiplied.
pub type Fader = Box<dyn FnMut(u8) -> f32 + Send>;

/// Returns what sets the volume at `mixer`. When the control is away our own gain does all of it, and that is logged once.
pub fn fader(mixer: Mixer) -> Fader {
    let mut is_well = true;
    Box::new(move |percent| match set(&mixer, percent) {
        Ok(rest) => {
            is_well = true;
            rest
        }
        Err(error) => {
            if std::mem::take(&mut is_well) {
                let Mixer { card, control } = &mixer;
                tracing::warn!(card, control, "the volume control cannot be set: {error}");
            }
            gain(percent)
        }
    })
}

/// Finds what is wrong with the name of a control, without touching the card.
pub fn check_mixer(mixer: &Mixer) -> Result<(), OutputFault> {
    not_numbered(&mixer.card)
}

fn set(mixer: &Mixer, percent: u8) -> Result<f32, alsa::Error> {
    // The library would write to standard error at every failure, for years.
    let _quiet = alsa::Output::local_error_handler();
    let opened = alsa::Mixer::new(&mixer.card, false)?;
    let found = opened.find_selem(&SelemId::new(&mixer.control, 0));
    let control = found.filter(alsa::mixer::Selem::has_playback_volume).ok_or(no_control())?;
    if control.has_playback_switch() && percent > 0 {
        control.set_playback_switch_all(1)?;
    }
    let (least, most) = control.get_playback_db_range();
    let Some(wanted) = decibels(percent).filter(|_| least < most) else {
        // No decibels are known, or nothing is to be heard.
        let (least, most) = control.get_playback_volume_range();
        control.set_playback_volume_all(least + (most - least) * i64::from(percent) / i64::from(FULL))?;
        return Ok(if percent == 0 { 0.0 } else { 1.0 });
    };
    control.set_playback_db_all(millibel(wanted).clamp(least, most), Round::Floor)?;
    let set = control.get_playback_vol_db(SelemChannelId::mono())?;
    // A control has steps and an end; what it does not do, we do. More than it gives we do not add.
    Ok(10.0_f32.powf((millibel(wanted).to_db() - set.to_db()) / 20.0).min(1.0))
}

#[expect(clippy::cast_possible_truncation, reason = "between -70 and 0 dB")]
fn millibel(decibels: f64) -> MilliBel {
    MilliBel((decibels * 100.0).round() as i64)
}

fn no_control() -> alsa::Error {
    alsa::Error::new("snd_mixer_find_selem", libc::ENOENT)
}
