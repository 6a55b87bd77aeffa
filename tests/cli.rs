//! The command line as people type it: help and mistakes in the reader's language.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::process::{Command, Output};

use clap::Command as Words;
use dalaba::cli::program;
use dalaba::model::Lang;

fn dalaba(words: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    command.args(words).env_remove("DALABA_CONFIG").env_remove("STATE_DIRECTORY").output().unwrap()
}

fn mistake(lang: &str, words: &[&str]) -> String {
    let output = dalaba(&[&["--lang", lang], words].concat());
    assert_eq!(output.status.code(), Some(2), "{words:?}");
    assert!(output.stdout.is_empty(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Every command with the words that lead to it.
fn commands(command: &Words, before: &[String]) -> Vec<Vec<String>> {
    let inner = command.get_subcommands().flat_map(|inner| {
        let words = [before, &[inner.get_name().to_owned()]].concat();
        commands(inner, &words)
    });
    [before.to_vec()].into_iter().chain(inner).collect()
}

#[test]
fn every_help_page_is_wholly_chinese_for_who_reads_chinese() {
    let pages = commands(&program(Lang::Zh), &[]);
    assert!(pages.len() > 12, "{pages:?}");
    for words in pages {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for flag in ["-h", "--help"] {
            let output = dalaba(&[&["--lang", "zh"], &words[..], &[flag]].concat());
            let page = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && page.contains("用法：dalaba"), "{words:?}: {page}");
            let english =
                ["Usage", "Options", "Commands", "Arguments", "Print", "default", "env:", "possible"];
            for word in [&english[..], &["OPTIONS", "COMMAND", "see more", "  render", ":\n"]].concat() {
                assert!(!page.contains(word), "{word} in {words:?}: {page}");
            }
        }
    }
}

#[test]
fn a_mistake_is_said_in_chinese_with_what_was_probably_meant() {
    for (words, said) in [
        (&["stauts"][..], "错误：没有 stauts 这个命令\n是不是想写 status？\n"),
        (&["plan", "--form", "json"], "错误：用不着 --form\n是不是想写 --from？\n"),
        (
            &["plan", "--format", "jsn"],
            "错误：--format <text|json|ics> 不能是“jsn”\n是不是想写 json？\n可用的有：text、json、ics\n",
        ),
        (&["plan", "--format"], "错误：--format <text|json|ics> 后面少了内容\n"),
        (&["next", "-n", "0"], "错误：--number <条数> 不能是“0”\n"),
        (&["say", "让路"], "错误：还要写上 --station <站点>\n用法：dalaba say --station <站点> <文字>\n"),
        (&["log", "--day", "今天", "--from", "昨天"], "错误：--day <日期> 和 --from <时间> 不能一起写\n"),
        (&["plan", "--from", "6:30", "--from", "7:30"], "错误：--from <时间> 只能写一次\n"),
    ] {
        let told = mistake("zh", words);
        assert!(told.starts_with(said) && told.ends_with("详细说明请加 --help 查看\n"), "{words:?}: {told}");
    }
}

#[test]
fn a_mistake_is_said_in_english_too() {
    assert!(mistake("en", &["stauts"]).contains("a similar subcommand exists: 'status'"));
}

#[test]
fn an_option_that_would_not_count_where_it_stands_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let told = |words: &[&str]| {
        let output = dalaba(&[&["--lang", "zh", "log", "--state", state], words].concat());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(told(&["--day", "今天", "verify"]), "dalaba log: --day 要写在 verify 后面\n");
    assert!(told(&["verify"]).contains("还没有播发记录"));
}

#[test]
fn who_has_no_station_file_is_told_how_to_begin() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("station.toml");
    for (lang, said) in [("zh", "没有找到站点配置"), ("en", "there is no station file")] {
        for command in ["plan", "run"] {
            let (config, state) = (missing.to_str().unwrap(), folder.path().to_str().unwrap());
            let output = dalaba(&["--lang", lang, command, "--config", config, "--state", state]);
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(told.contains(said) && told.contains("--config") && told.contains("make run"), "{told}");
            assert_eq!(output.status.code(), Some(1));
        }
    }
}
