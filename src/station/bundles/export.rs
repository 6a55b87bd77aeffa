//! A bundle on its way out again, as the very file that came in: so a stick goes from village to village.

use std::fs::{self, File};
use std::io::{self, Write};

use super::{Store, TakeFault, file, slot};
use crate::model::{CampaignId, Serial};
use crate::trust::{Envelope, Refusal, manifest};

impl Store {
    /// Lists the campaigns that are held, withdrawn ones too, and the number of each.
    pub fn held_campaigns(&self) -> Vec<(CampaignId, Serial)> {
        let campaigns = self.campaigns().into_iter();
        campaigns.filter_map(|id| self.active(&id).map(|active| (id, active.serial))).collect()
    }

    /// Writes the newest bundle of a campaign as one file; `Err` if this disk has not every byte of it any more.
    pub fn export(&self, id: &CampaignId, serial: Serial, to: &mut impl Write) -> Result<(), TakeFault> {
        let slot = self.slot(id, serial);
        let envelope = fs::read(slot.join(slot::ENVELOPE)).map_err(TakeFault::Read)?;
        let signed = Envelope::read(&envelope).and_then(|signed| manifest::read(&signed.payload));
        let bundle = signed.ok_or(Refusal::Malformed)?;
        let end: &[u8] = if envelope.ends_with(b"\n") { b"" } else { b"\n" };
        to.write_all(&envelope).and_then(|()| to.write_all(end)).map_err(TakeFault::Write)?;
        for listed in &bundle.files {
            let mut opened = File::open(slot.join(listed.path.as_str())).map_err(TakeFault::Read)?;
            file::copy(&mut opened, listed, to)?;
        }
        to.flush().map_err(TakeFault::Write)
    }

    /// Returns the bytes of the root in force, as they were signed; none if there is none.
    pub fn root_file(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root_path()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
