//! Names of sound devices: which are refused, and what to write instead.

use crate::model::Selection;
use crate::output::OutputFault;

/// A device's name that does not depend on the order in which cards were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// A PCM of ALSA.
    Alsa(String),
    /// A sink of PulseAudio, or of `PipeWire`'s server of the same protocol.
    Pulse(String),
}

impl Name {
    /// Returns the name as it is written in `station.toml`.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Alsa(name) => name.clone(),
            Self::Pulse(sink) => format!("pulse:{sink}"),
        }
    }
}

/// Reads the selection's `device` and refuses numbers.
pub(super) fn checked(selection: &Selection) -> Result<Name, OutputFault> {
    read(selection.text("device").ok_or(OutputFault::MissingOption { key: "device" })?)
}

/// Returns the card that a selection opens past every sound server and mixer, so that nobody else can have it meanwhile.
pub(super) fn exclusive(selection: &Selection) -> Option<String> {
    let name = selection.text("device")?;
    // One goes through a converter, the other does not: the card behind them is the same.
    name.strip_prefix("plughw:").or_else(|| name.strip_prefix("hw:")).map(|card| format!("hw:{card}"))
}

/// Reads a device's name and refuses numbers.
pub(super) fn read(name: &str) -> Result<Name, OutputFault> {
    not_numbered(name)?;
    Ok(match name.strip_prefix("pulse:") {
        Some(sink) => Name::Pulse(sink.to_owned()),
        None => Name::Alsa(name.to_owned()),
    })
}

/// Refuses the name of a card, a mixer or a sink that is a number, and says what to write instead.
pub(in crate::output) fn not_numbered(name: &str) -> Result<(), OutputFault> {
    if is_numbered(name) {
        return Err(OutputFault::Numbered { name: name.to_owned(), instead: present_cards() });
    }
    Ok(())
}

/// Tells whether a card, or a sink, is named by its number: `0`, `hw:0`, `plughw:1,0`, `front:CARD=0`, `pulse:3`.
fn is_numbered(name: &str) -> bool {
    let arguments = name.split_once(':').map_or(name, |(_, arguments)| arguments);
    arguments
        .split(',')
        .enumerate()
        .filter_map(|(place, argument)| match argument.trim().split_once('=') {
            Some((key, value)) => key.trim().eq_ignore_ascii_case("card").then_some(value),
            None => (place == 0).then_some(argument),
        })
        .any(|card| !card.trim().is_empty() && card.trim().bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lists names for the cards that are present, or an example when there is none.
fn present_cards() -> Vec<String> {
    let cards: Vec<String> = std::fs::read_to_string("/proc/asound/cards")
        .unwrap_or_default()
        .lines()
        .filter_map(card_id)
        .map(|id| format!("plughw:CARD={id},DEV=0"))
        .collect();
    if cards.is_empty() { vec!["plughw:CARD=Device,DEV=0".to_owned()] } else { cards }
}

/// Takes the id out of a line such as ` 1 [Device         ]: USB-Audio - USB Audio Device`.
fn card_id(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once('[')?;
    number.trim().parse::<u32>().ok()?;
    Some(rest.split_once(']')?.0.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_never_taken_by_number_because_their_order_changes_with_a_restart() {
        for name in
            ["0", "hw:0", "hw:0,0", "plughw:1,0", "hw:CARD=0", "front:CARD=1,DEV=0", "dmix:2", "pulse:3"]
        {
            assert!(is_numbered(name), "{name}");
        }
        for name in [
            "default",
            "pulse",
            "hw:CARD=Device,DEV=0",
            "hw:Device,0",
            "plughw:CARD=PCH",
            "村口喇叭",
            "pulse:alsa_output.usb-C-Media-00.analog-stereo",
            "pulse:horn2",
        ] {
            assert!(!is_numbered(name), "{name}");
        }
    }

    #[test]
    fn a_card_is_proposed_by_its_id() {
        assert_eq!(card_id(" 1 [Device         ]: USB-Audio - USB Audio Device"), Some("Device"));
        assert_eq!(card_id("                      C-Media USB Audio Device at usb-1.2, full speed"), None);
        assert_eq!(card_id("--- no soundcards ---"), None);
    }
}
