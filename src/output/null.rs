//! The output `null`: silent, in real time. For rehearsals, and for stations whose horns are being repaired.

use super::pace::{Ear, Paced};
use super::{Kind, OutputFault};
use crate::config::KindFields;

/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "null",
        fields: &[],
        zh: "不出声，但按实际时长播放",
        en: "plays in real time and makes no sound",
    },
    check: |_| Ok(()),
    takes: |_| Vec::new(),
    open: |_, _| Ok(Box::new(Paced::new(Nobody))),
    probe: None,
    standing: None,
};

struct Nobody;

impl Ear for Nobody {
    fn hear(&mut self, _: &[f32]) -> Result<(), OutputFault> {
        Ok(())
    }

    fn settle(&mut self) -> Result<(), OutputFault> {
        Ok(())
    }
}
