//! What comes in by itself, and who signs it: it waits for a person. A key that lies beside the program may sign what is less than an
//! emergency; what wakes a county is never signed by a program.

use clap::ArgMatches;

use super::{Draft, Office, fault};
use crate::cmd::out::print;
use crate::cmd::{Context, Failure};
use crate::county::alarms::Alarms;
use crate::model::{Alert, Lang, Priority};
use crate::trust::SecretKey;

/// Most alerts that wait for a person. With more, somebody is flooding us, or nobody is there.
const MOST_WAITING: usize = 1000;

/// Where alerts wait.
pub(super) struct Queue<'a> {
    lang: Lang,
    alarms: &'a Alarms,
    waiting: Alarms,
    signer: Option<(&'a Office<'a>, Vec<SecretKey>)>,
    typed: &'a ArgMatches,
}

impl<'a> Queue<'a> {
    /// Opens the queue, and the keys of those who sign what is less than an emergency.
    pub(super) fn open(
        context: &Context,
        alarms: &'a Alarms,
        office: Option<&'a Office<'a>>,
        typed: &'a ArgMatches,
    ) -> Result<Self, Failure> {
        let signer = office.map(|office| Ok::<_, Failure>((office, office.secrets(typed)?))).transpose()?;
        Ok(Self { lang: context.lang, alarms, waiting: alarms.waiting(), signer, typed })
    }

    /// Returns all that was made of warnings: what was issued, and what waits.
    pub(super) fn known(&self) -> Result<Vec<Alert>, Failure> {
        let mut all = self.alarms.list().map_err(|error| fault(&error))?;
        all.extend(self.waiting.list().map_err(|error| fault(&error))?);
        Ok(all.into_iter().map(|issued| issued.alert).collect())
    }

    /// Keeps an alert for a person; signs and sends it if that is left to the program. It waits until it was sent, so that a power cut or
    /// a server that does not answer loses nothing.
    pub(super) fn put(&self, alert: &Alert) -> Result<(), Failure> {
        if self.waiting.list().map_err(|error| fault(&error))?.len() >= MOST_WAITING {
            return Err(Failure::new(
                format!("已经有 {MOST_WAITING} 条等着签名，不再收了"),
                format!("{MOST_WAITING} alerts wait for a signature: no more are taken"),
            ));
        }
        let file = self.waiting.keep_unsigned(alert).map_err(|error| fault(&error))?;
        if let Some((office, secrets)) = self.signer.as_ref().filter(|_| self.is_left_to_us(alert)) {
            let sent =
                office.issue_by(secrets, &Draft { alert: alert.clone(), correction: None }, self.typed);
            match sent {
                Ok(()) => return self.waiting.forget(&alert.identifier).map_err(|error| fault(&error)),
                Err(why) => print(&format!("{}\n", why.report(self.lang)))?,
            }
        }
        let file = file.display();
        print(&match self.lang {
            Lang::Zh => format!("等人签名：dalaba county alert sign {file} --by 姓名\n"),
            Lang::En => format!("Waits for a person: dalaba county alert sign {file} --by NAME\n"),
        })
    }

    /// An emergency is for people; so is what refers to something that still waits for one.
    fn is_left_to_us(&self, alert: &Alert) -> bool {
        let waits = |alert: &Alert| {
            self.waiting
                .list()
                .is_ok_and(|all| all.iter().any(|w| alert.references.contains(&w.alert.name())))
        };
        alert.priority != Priority::Emergency && !waits(alert)
    }
}
