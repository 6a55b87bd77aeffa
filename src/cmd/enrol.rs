//! `dalaba enrol`: joins this station to its county, with a code that the county gave out.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use rustix::process::geteuid;

use super::out::{plain, print};
use super::site::stations_here;
use super::{Context, Failure, Subcommand};
use crate::model::Lang;
use crate::station::bundles::Store;
use crate::station::clock;
use crate::station::courier::{Address, NoAddress, Office, enrol};
use crate::trust::Root;
use crate::wire::Code;

/// The row of the command table.
pub(super) const ENROL: Subcommand = Subcommand { name: "enrol", arguments, run };

/// Where the service keeps its state, and the drop-in that lets it out onto the network.
const INSTALLED: &str = "/var/lib/dalaba";
const DROP_IN: &str = "/etc/systemd/system/dalaba.service.d/county.conf";

fn arguments(lang: Lang) -> Command {
    Command::new("enrol")
        .about(lang.pick("连上县里：用县里给的代码登记这个站点", "Joins this station to its county"))
        .after_help(lang.pick(
            "代码是县里用 dalaba county enrol 开出来、在电话里念给你的，只能用一次；大小写、空格、横线都不要紧。\
             双方各自证明知道代码，所以不用先核对证书和指纹。正在运行的 dalaba 会自己连上，不用重启。",
            "The county makes the code with dalaba county enrol and reads it out over the telephone; it works once, and \
             case, blanks and dashes do not matter. Each side proves that it knows the code, so no certificate and no \
             fingerprint need be compared before. A running dalaba joins by itself, without a restart.",
        ))
        .arg(
            Arg::new("code")
                .required(true)
                .value_name(lang.pick("代码", "CODE"))
                .help(lang.pick("县里给的一次性代码", "The one-time code of the county")),
        )
        .arg(
            Arg::new("county")
                .long("county")
                .required(true)
                .value_name(lang.pick("网址", "ADDRESS"))
                .help(lang.pick("县里服务器的网址，https:// 开头", "The county's server, https://…")),
        )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    // clap demands both.
    let typed = |id| arguments.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    let code: Code = typed("code").parse().map_err(|_| {
        Failure::new("代码不对：应是 20 个字母和数字", "that is no code: it has twenty letters and digits")
    })?;
    let address: Address = typed("county").parse().map_err(no_address)?;
    let stations = stations_here(context)?;
    belongs_to_us(&context.state)?;
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let store = Store::open(&context.state, program);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("无法启动", "cannot start", error))?;
    let (office, root) = runtime
        .block_on(enrol(&context.state, &store, &address, &code, &stations, clock::wall()))
        .map_err(|fault| {
            let words = fault.words();
            Failure::new(format!("没有连上县里：{}", words.zh), format!("not enrolled: {}", words.en))
        })?;
    print(&enrolled(context, &office, &root))?;
    Ok(ExitCode::SUCCESS)
}

fn no_address(error: NoAddress) -> Failure {
    let zh = match error {
        NoAddress::Malformed => "网址不对：应像 https://county.example.cn",
        NoAddress::Plain => "网址要用 https:// 开头；http:// 只能用于本机",
    };
    Failure::new(zh, error.to_string())
}

/// The daemon must be able to read what is kept now, and nobody else.
fn belongs_to_us(state: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(state).map(|folder| folder.uid());
    if owner.is_ok_and(|owner| owner != geteuid().as_raw()) {
        let state = state.display();
        return Err(Failure::new(
            format!("{state} 是另一个用户的；请用他的身份运行，如 sudo -u dalaba dalaba enrol …"),
            format!(
                "{state} is another account's: run this as that account, such as sudo -u dalaba dalaba enrol …"
            ),
        ));
    }
    Ok(())
}

fn enrolled(context: &Context, office: &Office, root: &Root) -> String {
    let (county, site, address) = (plain(&root.county), plain(&office.site), &office.address);
    let mut told = match context.lang {
        Lang::Zh => format!("已登记：县里叫这个站点“{site}”，从现在起听 {county} 的（{address}）\n"),
        Lang::En => format!("Enrolled as {site} at {county} ({address})\n"),
    };
    if context.state == Path::new(INSTALLED) && !Path::new(DROP_IN).exists() {
        let open = context.lang.pick(
            "服务平时没有网络，放它出去（只出不进），要运行一次：",
            "The service has no network; to let it out, and nothing in, run once:",
        );
        told = format!(
            "{told}{open}\n  sudo install -D -m 644 /usr/share/dalaba/systemd/county.conf {DROP_IN}\n  \
             sudo systemctl daemon-reload && sudo systemctl restart dalaba\n"
        );
    }
    told
}
