//! The kind `gpio`: a relay at a line of the board, through the kernel's GPIO character device.

use std::future;
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::chip::{self, Chip};
use gpiocdev::line::{Offset, Value};

use super::{Amplifier, AmplifierFault, Kind, Switching};
use super::{LEAD_IN, LEAD_OUT, MAX_ON, MIN_OFF, SHARED, times};
use crate::config::{Field, FieldKind, KindFields};
use crate::model::{Selection, Switch};

/// The row of the table.
pub(super) const KIND: Kind = Kind { fields: FIELDS, check, open, limit: |_| LIMIT };

const LINE: &str = "line";
const CHIP: &str = "chip";
const OFFSET: &str = "offset";
const ACTIVE_LOW: &str = "active_low";

/// A line is set in microseconds; on an expander at a slow bus in milliseconds.
const LIMIT: Duration = Duration::from_secs(1);

/// Who holds the line, as `gpioinfo` shows it.
const CONSUMER: &str = "dalaba";

const FIELDS: KindFields = KindFields {
    name: "gpio",
    fields: &[
        Field::new(
            LINE,
            FieldKind::Name,
            "GPIO 线的名称，如 `GPIO17`；用 `gpioinfo` 查看。没有名称就写 `chip` 和 `offset`",
            "Name of the GPIO line, such as `GPIO17`; `gpioinfo` lists them. If it has none, write `chip` and `offset`",
        ),
        Field::new(
            CHIP,
            FieldKind::Name,
            "GPIO 芯片的标签或名称，如 `pinctrl-bcm2711`；标签在重启后不变，`gpiochip0` 这样的名称可能会变",
            "Label or name of the GPIO chip, such as `pinctrl-bcm2711`; labels stay, names such as `gpiochip0` may change",
        ),
        Field::new(
            OFFSET,
            FieldKind::Integer { min: 0, max: 1023 },
            "线在芯片上的编号，从 0 数起",
            "Number of the line on the chip, from 0",
        ),
        Field::new(
            ACTIVE_LOW,
            FieldKind::Flag,
            "`true`：低电平为开，许多继电器板是这样",
            "`true`: low is on, as with many relay boards",
        )
        .or("false"),
        LEAD_IN,
        LEAD_OUT,
        MAX_ON,
        MIN_OFF,
        SHARED,
    ],
    zh: "接在主板 GPIO 线上的继电器",
    en: "A relay at a GPIO line of the board",
};

/// Which line is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Named(String),
    At(String, Offset),
}

struct Gpio {
    place: Option<Place>,
    active_low: bool,
    /// Held for as long as the guard lives: nobody else may touch the line, and it keeps its value.
    request: Option<Request>,
}

fn check(selection: &Selection) -> Result<(), AmplifierFault> {
    place(selection).ok_or(AmplifierFault::WhichLine)?;
    let times = times(selection);
    if times.max_on > times.lead_in + times.lead_out { Ok(()) } else { Err(AmplifierFault::NoTime) }
}

fn open(selection: &Selection) -> Box<dyn Amplifier> {
    let active_low = selection.flag(ACTIVE_LOW).unwrap_or_default();
    Box::new(Gpio { place: place(selection), active_low, request: None })
}

fn place(selection: &Selection) -> Option<Place> {
    let offset = selection.integer(OFFSET).and_then(|offset| Offset::try_from(offset).ok());
    match (selection.text(LINE), selection.text(CHIP), offset) {
        (Some(line), None, None) => Some(Place::Named(line.to_owned())),
        (None, Some(chip), Some(offset)) => Some(Place::At(chip.to_owned(), offset)),
        _ => None,
    }
}

impl Amplifier for Gpio {
    fn switch(&mut self, to: Switch) -> Switching<'_> {
        Box::pin(future::ready(self.set(to)))
    }
}

impl Gpio {
    /// Sets the line, or takes it with that value when it is not held yet.
    fn set(&mut self, to: Switch) -> Result<(), AmplifierFault> {
        let place = self.place.as_ref().ok_or(AmplifierFault::WhichLine)?;
        let value = if to == Switch::On { Value::Active } else { Value::Inactive };
        let fault = |source| AmplifierFault::Line { line: place.shown(), source };
        match self.request.take() {
            Some(request) => {
                request.set_lone_value(value).map_err(fault)?;
                self.request = Some(request);
            }
            None => self.request = Some(take(place, self.active_low, value, fault)?),
        }
        Ok(())
    }
}

impl Place {
    fn shown(&self) -> String {
        match self {
            Self::Named(line) => line.clone(),
            Self::At(chip, offset) => format!("{chip} {offset}"),
        }
    }
}

fn take(
    place: &Place,
    active_low: bool,
    value: Value,
    fault: impl Fn(gpiocdev::Error) -> AmplifierFault,
) -> Result<Request, AmplifierFault> {
    let mut builder = Request::builder();
    builder.with_consumer(CONSUMER);
    match place {
        Place::Named(line) => {
            let found = gpiocdev::find_named_line(line).ok_or_else(|| absent(place))?;
            builder.with_found_line(&found);
        }
        Place::At(chip, offset) => {
            let found = find_chip(chip).ok_or_else(|| absent(place))?;
            builder.on_chip(found.path()).with_line(*offset);
        }
    }
    if active_low {
        builder.as_active_low();
    }
    builder.as_output(value).request().map_err(fault)
}

/// Finds a chip by its label, its name or its path.
fn find_chip(wanted: &str) -> Option<Chip> {
    let chips = present();
    let labelled = |chip: &Chip| chip.info().is_ok_and(|info| info.label == wanted);
    let named = |chip: &Chip| chip.name() == wanted || chip.path().as_os_str() == wanted;
    let at = chips.iter().position(labelled).or_else(|| chips.iter().position(named))?;
    chips.into_iter().nth(at)
}

fn present() -> Vec<Chip> {
    let paths = chip::chips().unwrap_or_default();
    paths.iter().filter_map(|path| Chip::from_path(path).ok()).collect()
}

fn absent(place: &Place) -> AmplifierFault {
    let label = |chip: &Chip| chip.info().map_or_else(|_| chip.name(), |info| info.label);
    let chips: Vec<String> = present().iter().map(label).collect();
    let present = if chips.is_empty() { "-".to_owned() } else { chips.join(", ") };
    AmplifierFault::NoLine { line: place.shown(), present }
}
