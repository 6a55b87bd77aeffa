//! What can be wrong with an output.

use std::net::SocketAddrV4;
use std::path::PathBuf;

use super::icecast::IcecastFault;
use super::pipe::PipeFault;
use crate::model::Words;

/// Says why an output cannot be opened, or takes no sound any more.
#[derive(Debug, thiserror::Error)]
pub enum OutputFault {
    /// No row of the table has that name.
    #[error("there is no kind of output named {name:?}")]
    UnknownKind {
        /// The name.
        name: String,
    },
    /// An option is not there; reading the file fills in defaults, so only hand-made selections lack one.
    #[error("the output's option {key:?} is missing")]
    MissingOption {
        /// The option.
        key: &'static str,
    },
    /// The device is named by a number, which another device may have after the next start.
    #[error("{name:?} names a card by its number, which changes; write {}", instead.join(" or "))]
    Numbered {
        /// What was written.
        name: String,
        /// Names that stay, for the cards that are present.
        instead: Vec<String>,
    },
    /// No device of that name is present.
    #[error("there is no sound device named {name:?}; present: {}", listed(present))]
    Absent {
        /// What was written.
        name: String,
        /// The devices that are present.
        present: Vec<String>,
    },
    /// The clip has another rate than the output; clips are shaped before they come here.
    #[error("the clip has {clip} samples a second, the output takes {output}")]
    Rate {
        /// The clip's rate, Hz.
        clip: u32,
        /// The output's rate, Hz.
        output: u32,
    },
    /// The device is there but takes no sound of our rate.
    #[error("the sound device {name:?} does not take {rate} Hz; a `plughw:` name converts")]
    Unfit {
        /// The device.
        name: String,
        /// Our rate, Hz.
        rate: u32,
    },
    /// The device is there but cannot be asked or opened: busy, forbidden, its server away.
    #[error("the sound device {name:?} cannot be opened")]
    Refused {
        /// The device.
        name: String,
        /// The error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The device does not answer.
    #[error("the sound device {name:?} does not answer")]
    Unresponsive {
        /// The device.
        name: String,
    },
    /// The device said that it is gone.
    #[error("the sound device went away: {detail}")]
    Gone {
        /// What the sound library says.
        detail: String,
    },
    /// The device takes no samples any more.
    #[error("the sound device takes no sound any more")]
    Stalled,
    /// The recording's file cannot be opened or locked.
    #[error("the file {} cannot be opened", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        #[source]
        source: std::io::Error,
    },
    /// Another station or program writes the file.
    #[error("another station or program already writes the file {}; give each station its own", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is there and is not a recording of ours; it is left as it is.
    #[error("the file {} is no recording of this program (48000 Hz, 16 bits, mono)", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// An option says what cannot be.
    #[error("{}; {}", what.en, fix.en)]
    Option {
        /// The option.
        key: &'static str,
        /// What is wrong.
        what: Words,
        /// What to write.
        fix: Words,
    },
    /// No network interface of that name is present.
    #[error("there is no network interface named {name:?}; present: {}", listed(present))]
    NoInterface {
        /// What was written.
        name: String,
        /// The interfaces that are present.
        present: Vec<String>,
    },
    /// The network interface is switched off, or nothing is at the other end of its cable.
    #[error("the network interface {name:?} has no connection; look at its cable and at the switch")]
    NoCarrier {
        /// The interface.
        name: String,
    },
    /// The network takes no packets.
    #[error("nothing can be sent to {to}{}", way_out(source).en)]
    Network {
        /// Where they were to go.
        to: SocketAddrV4,
        /// The error.
        #[source]
        source: std::io::Error,
    },
    /// Another station sends there.
    #[error("another station already sends to {to}; give each station its own address")]
    Occupied {
        /// The address.
        to: SocketAddrV4,
    },
    /// Sound cannot be written, such as on a full disk.
    #[error("sound cannot be written to the file")]
    Recording(#[source] hound::Error),
    /// What is wrong with a pipe.
    #[error(transparent)]
    Pipe(#[from] PipeFault),
    /// What is wrong with a stream to Icecast.
    #[error(transparent)]
    Icecast(#[from] IcecastFault),
}

impl OutputFault {
    /// Says in both languages what is wrong and what to do.
    pub fn words(&self) -> Words {
        Words::new(self.zh(), self.en())
    }

    fn en(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }

    fn zh(&self) -> String {
        match self {
            Self::UnknownKind { name } => format!("没有名为“{name}”的输出方式"),
            Self::MissingOption { key } => format!("输出缺少选项 {key}"),
            Self::Numbered { name, instead } => {
                format!("“{name}”用的是声卡序号，重启后可能会变；请改写成 {}", instead.join(" 或 "))
            }
            Self::Absent { name, present } => {
                format!("找不到名为“{name}”的声音设备；现有：{}", listed(present))
            }
            Self::Rate { clip, output } => format!("声音是 {clip} Hz，输出只收 {output} Hz"),
            Self::Unfit { name, rate } => {
                format!("声音设备“{name}”不支持 {rate} Hz；请改用 plughw: 开头的名称")
            }
            Self::Refused { name, .. } => format!("声音设备“{name}”打不开（{}）", self.en()),
            Self::Unresponsive { name } => format!("声音设备“{name}”没有响应"),
            Self::Gone { detail } => format!("声音设备已断开（{detail}）"),
            Self::Stalled => "声音设备不再接收声音".to_owned(),
            Self::File { path, source } => format!("文件 {} 打不开（{source}）", path.display()),
            Self::InUse { path } => {
                format!("文件 {} 正由别的终端或程序写入，请给每个终端单独的文件", path.display())
            }
            Self::Foreign { path } => {
                format!("文件 {} 不是本程序的录音（48000 Hz、16 位、单声道），未作改动", path.display())
            }
            Self::Option { what, fix, .. } => format!("{}；{}", what.zh, fix.zh),
            Self::NoInterface { name, present } => {
                format!("没有名为“{name}”的网口；现有：{}", listed(present))
            }
            Self::NoCarrier { name } => format!("网口“{name}”没有连通；请查看网线和交换机"),
            Self::Network { to, source } => format!("发不到 {to}{}（{source}）", way_out(source).zh),
            Self::Occupied { to } => format!("另一个站点已经在往 {to} 发，请给每个站点单独的地址"),
            Self::Recording(source) => format!("声音写不进文件（{source}）"),
            Self::Pipe(fault) => fault.zh(),
            Self::Icecast(fault) => fault.zh(),
        }
    }
}

/// Says what can be done about an error of the network, where that is known.
fn way_out(error: &std::io::Error) -> Words {
    use std::io::ErrorKind::{ConnectionRefused, NetworkUnreachable, PermissionDenied};
    if error.raw_os_error() == Some(libc::EAFNOSUPPORT) {
        return Words::new(
            "：服务不许用网络；按说明装上 network.conf",
            ": the service is kept off the network; put network.conf in place as its page says",
        );
    }
    match error.kind() {
        NetworkUnreachable => Words::new(
            "：没有通往它的路由；查看网络，或写上 `interface`",
            ": there is no route; look at the network, or name an `interface`",
        ),
        ConnectionRefused => {
            Words::new("：那台设备在，但没有在收", ": the receiver is there, but does not listen")
        }
        PermissionDenied => Words::new(
            "：被本机的防火墙或服务限制拦住",
            ": this machine's firewall or service unit forbids it",
        ),
        _ => Words::new("", ""),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}
