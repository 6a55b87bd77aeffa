//! A clerk with a folder, tables, keys if needed, and the real program.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use chrono::{FixedOffset, SubsecRound, TimeDelta};
use dalaba::county::alarms::{Alarms, Issued};
use dalaba::station::clock;
use tempfile::TempDir;

const AREAS: &str = "[[place]]\nstations = [\"赵家庄\"]\ncodes = [\"130522101201\"]\n";

/// The clerk's folder.
pub(crate) struct Clerk {
    folder: TempDir,
}

impl Clerk {
    pub(crate) fn new() -> Self {
        let clerk = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["config", "in"] {
            fs::create_dir(clerk.path(folder)).unwrap();
        }
        clerk.write("config/areas.toml", AREAS);
        clerk.write("passphrase", "一二三四五六七八\n");
        clerk
    }

    /// A clerk who may sign.
    pub(crate) fn with_keys() -> Self {
        let clerk = Self::new();
        clerk.done(&["keys", "new", "王", "--passphrase-file", "passphrase"]);
        clerk.done(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
        clerk.done(&["keys", "sign", "王", "--passphrase-file", "passphrase"]);
        clerk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Puts a file into the watched folder as one that was written a while ago.
    pub(crate) fn put(&self, name: &str, text: &str) {
        self.write(&format!("in/{name}"), text);
        let file = fs::File::options().write(true).open(self.path(&format!("in/{name}"))).unwrap();
        file.set_modified((clock::wall() - TimeDelta::minutes(1)).into()).unwrap();
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
        command.args(words).args(["--lang", "en", "--config"]).arg(self.path("config/station.toml"));
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn typed(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Types what has to succeed.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.typed(words);
        assert!(output.status.success(), "{words:?}: {}", all(&output));
        all(&output)
    }

    /// Types what has to fail.
    pub(crate) fn failed(&self, words: &[&str]) -> String {
        let output = self.typed(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", all(&output));
        all(&output)
    }

    pub(crate) fn issued(&self) -> Vec<Issued> {
        Alarms::new(self.path("alerts")).list().unwrap()
    }

    pub(crate) fn waiting(&self) -> Vec<Issued> {
        Alarms::new(self.path("alerts")).waiting().list().unwrap()
    }

    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let listed = fs::read_dir(self.path(folder)).into_iter().flatten();
        let mut names: Vec<_> =
            listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn all(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// A warning of this hour.
pub(crate) fn warning(identifier: &str, severity: &str) -> String {
    let now = clock::wall().trunc_subsecs(0).with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap());
    let (sent, expires) =
        ((now - TimeDelta::minutes(5)).to_rfc3339(), (now + TimeDelta::hours(3)).to_rfc3339());
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier>\
         <sender>临城县气象台</sender><sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType>\
         <scope>Public</scope><info><language>zh-CN</language><category>Met</category><event>暴雨</event>\
         <urgency>Immediate</urgency><severity>{severity}</severity><certainty>Observed</certainty>\
         <expires>{expires}</expires><headline>暴雨预警</headline><description>请注意防范。</description>\
         <area><areaDesc>临城县</areaDesc><geocode><valueName>行政区划代码</valueName><value>130522000000</value>\
         </geocode></area></info></alert>"
    )
}
