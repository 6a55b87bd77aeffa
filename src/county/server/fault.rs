//! Why the server could not begin.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::county::store::StoreFault;
use crate::model::Words;
use crate::trust::RootFault;

/// Says why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerFault {
    /// Without TLS, tokens would be read by whoever is on the way.
    #[error("without a certificate it may only listen on this machine itself, not on {0}")]
    Plain(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// A file of the certificate.
    #[error("{0}: {1}")]
    Certificate(PathBuf, String),
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreFault),
    /// The office's roots do not follow one another.
    #[error("the office's root: {0}")]
    Root(#[from] RootFault),
    /// The office's root is another one than the database's.
    #[error("the office's root number {0} is another one than the server's")]
    OtherRoot(u64),
    /// The operating system gives no signals.
    #[error("signals: {0}")]
    Signals(io::Error),
}

impl ServerFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Plain(at) => format!(
                "没有证书（--certificate、--key）就只能听本机地址（127.0.0.1），不能听 {at}；要么给证书，要么放在反向代理后面"
            ),
            Self::Listen(at, error) => format!("不能在 {at} 上提供服务：{error}"),
            Self::Certificate(path, why) => format!("证书 {}：{why}", path.display()),
            Self::Store(fault) => fault.words().zh,
            Self::Root(fault) => format!("县里的根文件：{}", fault.words().zh),
            Self::OtherRoot(version) => {
                format!("县里的根文件第 {version} 版和服务器里的不是同一份；请查明原因")
            }
            Self::Signals(error) => format!("收不到系统信号：{error}"),
        };
        Words::new(zh, self.to_string())
    }
}
