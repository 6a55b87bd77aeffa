//! Whatever stands in a file, reading it never panics and every complaint can be shown.
#![no_main]

use dalaba::calendar::{cron, holidays};
use dalaba::config::{Complaint, Source, any_error, parse_lexicon, parse_playlist, parse_site, report};
use dalaba::model::Lang;
use dalaba::station::kinds::kinds;
use libfuzzer_sys::fuzz_target;

fn show(source: &Source, complaints: &[Complaint]) {
    for lang in [Lang::Zh, Lang::En] {
        report(complaints, std::slice::from_ref(source), lang, false);
    }
}

fuzz_target!(|text: &str| {
    let _ = cron::parse(text);
    let _ = holidays::parse(text);
    let source = Source { path: "春运.toml".into(), text: text.to_owned() };
    let playlist = parse_playlist(&source, &kinds());
    assert_eq!(playlist.value.is_some(), !any_error(&playlist.complaints));
    show(&source, &playlist.complaints);
    let lexicon = parse_lexicon(&source);
    assert_eq!(lexicon.value.is_some(), !any_error(&lexicon.complaints));
    show(&source, &lexicon.complaints);
    let site = parse_site(&source, &kinds());
    assert_eq!(site.value.is_some(), !any_error(&site.complaints));
    show(&source, &site.complaints);
});
