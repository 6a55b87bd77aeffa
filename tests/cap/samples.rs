//! Files as offices send them, and as attackers do: each comes out as `tests/data/cap/expected.tsv` says.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dalaba::cap::{CapFile, Fault, read_file};

#[test]
fn every_sample_is_read_or_refused_with_a_place_and_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cap");
    let mut found = "file\tkind\twarnings\tlinks\treasons\n".to_owned();
    for part in ["google-cap-library", "oasiscap", "china"] {
        let listed = fs::read_dir(folder.join(part)).unwrap().map(|entry| entry.unwrap().path());
        let sample = |path: &Path| {
            path.extension()
                .is_some_and(|ending| !["txt", "upstream", "md"].iter().any(|other| ending == *other))
        };
        let mut files: Vec<_> = listed.filter(|path| sample(path)).collect();
        files.sort();
        for path in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            writeln!(found, "{part}/{name}\t{}", told(&read_file(&fs::read(&path).unwrap()))).unwrap();
        }
    }
    let expected = fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cap.tsv");
    fs::write(&beside, &found).unwrap();
    assert!(found == expected, "not as expected.tsv says; see {}", beside.display());
}

fn told(read: &Result<CapFile, Fault>) -> String {
    match read {
        Err(fault) => format!("refused\t\t\t{}", placed(fault)),
        Ok(file) => {
            let good = file.alerts.iter().filter_map(|alert| alert.as_ref().ok());
            let alerts: Vec<String> = good
                .map(|alert| {
                    let languages: Vec<&str> =
                        alert.infos.iter().map(|info| info.language.as_str()).collect();
                    format!(
                        "{} {:?} {:?} {}",
                        alert.version.as_str(),
                        alert.status,
                        alert.msg_type,
                        languages.join("/")
                    )
                })
                .collect();
            let faults = file.alerts.iter().filter_map(|alert| alert.as_ref().err());
            let remarks = file.alerts.iter().flatten().flat_map(|alert| &alert.remarks).chain(&file.remarks);
            let reasons: Vec<String> =
                faults.map(placed).chain(remarks.map(|r| format!("({})", placed(r)))).collect();
            format!("{:?}\t{}\t{}\t{}", file.kind, alerts.join(", "), file.links.len(), reasons.join("; "))
        }
    }
}

fn placed(fault: &Fault) -> String {
    format!("{}:{} {}", fault.line, fault.column, fault.words.en)
}
