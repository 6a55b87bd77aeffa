//! What can be wrong with a stream to Icecast.

use std::io;
use std::path::PathBuf;

/// Says why an Icecast server gets no sound.
#[derive(Debug, thiserror::Error)]
pub enum IcecastFault {
    /// The address is none that we can use.
    #[error(
        "{url:?} is no address of a stream ({why}); write it like `https://radio.example.cn:8443/village.ogg`"
    )]
    Address {
        /// What was written; none of it is secret, or it would be refused without being repeated.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The address holds a password.
    #[error(
        "the address holds a name or a password; write them to `user` and into the file of `password_file`"
    )]
    Secret,
    /// The password cannot be read.
    #[error("the password file {path} cannot be read: {source}")]
    Password {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// The password's file holds none that can be sent.
    #[error("the password file {0} holds no password in its first line")]
    NoPassword(PathBuf),
    /// The certificate cannot be read.
    #[error("the certificate {path} cannot be read: {why}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No way leads to the server, or it breaks off.
    #[error("no connection to {server}: {source}")]
    Connection {
        /// Host and port.
        server: String,
        /// The error.
        source: io::Error,
    },
    /// The server went away amid the stream.
    #[error("the connection to {server} was lost: {source}")]
    Lost {
        /// Host and port.
        server: String,
        /// The error.
        source: io::Error,
    },
    /// The server takes what is sent and answers nobody.
    #[error("{server} does not answer any more, though its machine is there")]
    Hangs {
        /// Host and port.
        server: String,
    },
    /// The server does not know us.
    #[error("{server} does not accept the password for {mount}")]
    Stranger {
        /// Host and port.
        server: String,
        /// The mount point.
        mount: String,
    },
    /// The server answers something else than yes.
    #[error("{server} refuses the stream {mount}: {answer}")]
    Refused {
        /// Host and port.
        server: String,
        /// The mount point.
        mount: String,
        /// Its first line.
        answer: String,
    },
    /// The encoder fails.
    #[error("the sound cannot be encoded: {0}")]
    Encoder(String),
}

impl IcecastFault {
    /// Says the fault in Chinese; [`std::fmt::Display`] says it in English.
    pub(in crate::output) fn zh(&self) -> String {
        match self {
            Self::Address { url, .. } => format!(
                "“{url}”不是可用的流地址；请写成 `https://radio.example.cn:8443/village.ogg` 这样（只用 ASCII 字符）"
            ),
            Self::Secret => {
                "地址里有用户名或密码；请把用户名写在 `user`，密码写进 `password_file` 指的文件".to_owned()
            }
            Self::Password { path, source } => format!("密码文件 {} 读不了（{source}）", path.display()),
            Self::NoPassword(path) => format!("密码文件 {} 第一行没有密码", path.display()),
            Self::Certificate { path, why } => format!("证书 {} 读不了（{why}）", path.display()),
            Self::Connection { server, source } => format!("连不上 {server}（{source}）"),
            Self::Lost { server, source } => format!("与 {server} 的连接断了（{source}）"),
            Self::Hangs { server } => format!("{server} 不再应答，虽然机器还在"),
            Self::Stranger { server, mount } => format!("{server} 不接受 {mount} 的密码"),
            Self::Refused { server, mount, answer } => format!("{server} 拒绝了 {mount}：{answer}"),
            Self::Encoder(why) => format!("声音编码不了（{why}）"),
        }
    }
}
