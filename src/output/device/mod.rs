//! The output `device`: a sound device of ALSA or PulseAudio, opened by a name that stays.

mod capture;
mod feed;
mod name;
mod open;
mod pulse;
mod tape;
mod timing;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Kind, OpenContext, Output, OutputFault};
use crate::clip::RATE;
use crate::config::{Field, FieldKind, KindFields};
use crate::model::Selection;
pub use capture::Capture;
use feed::Feed;
pub(super) use name::not_numbered;
use open::Open;
pub use tape::Stretch;

/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "device",
        fields: &[Field::new(
            "device",
            FieldKind::Name,
            "声音设备的名称：default、`aplay -L` 列出的名称（如 plughw:CARD=Device,DEV=0），或 pulse: 加 PulseAudio 输出的名称（见 `pactl list short sinks`）。不可用序号：重启后序号会变。",
            "the sound device's name: `default`, a name that `aplay -L` lists (such as `plughw:CARD=Device,DEV=0`), or `pulse:` and the name of a PulseAudio sink (see `pactl list short sinks`). Never a number: numbers change with a restart.",
        )
        .or("default")],
        zh: "从声卡播放",
        en: "plays on a sound device",
    },
    check: |selection| name::checked(selection).map(|_| ()),
    takes: |selection| name::exclusive(selection).map(|name| ("device", name)).into_iter().collect(),
    open: open_device,
    probe: Some(|selection| name::checked(selection).and_then(|name| open::probe(&name))),
    standing: None,
};

fn open_device(selection: &Selection, context: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let name = name::checked(selection)?;
    let feed = Arc::new(Feed::new(context.clock));
    let open = open::open(&name, &feed)?;
    Ok(Box::new(Device { open: Some(open), feed }))
}

struct Device {
    /// There until the drop.
    open: Option<Open>,
    feed: Arc<Feed>,
}

impl Output for Device {
    fn rate(&self) -> u32 {
        RATE
    }

    fn write(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        self.feed.write(block)
    }

    fn heard(&self) -> u64 {
        self.feed.heard()
    }

    fn place(&mut self, at: Duration) -> bool {
        self.feed.place(at);
        true
    }

    fn latency(&self) -> Duration {
        self.feed.latency()
    }

    fn placed(&self) -> Option<Duration> {
        self.feed.placed()
    }

    fn drain(&mut self) -> Result<(), OutputFault> {
        self.feed.drain()
    }

    fn cut(&mut self) {
        self.feed.cut();
    }
}

impl Drop for Device {
    /// Closes the device without waiting for it: closing one that hangs would hang us.
    fn drop(&mut self) {
        self.feed.close();
        let open = self.open.take();
        // Without a thread (no memory) the device is closed here, when the failed closure is dropped.
        let _ = thread::Builder::new().name("close-device".to_owned()).spawn(move || drop(open));
    }
}
