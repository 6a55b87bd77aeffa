//! Packs from every kind of source, good and bad, with small files in place of the real ones.

mod server;

use std::process::Command;

use tempfile::TempDir;

use super::*;
use server::{Manner, serve};

/// Nobody looks.
struct Unseen(u64);

impl Progress for Unseen {
    fn begin(&mut self, _: &str, _: u64) {}

    fn advance(&mut self, bytes: u64) {
        self.0 += bytes;
    }
}

const FILES: [(&str, &[u8]); 4] = [
    ("model.onnx", &[7; 100_000]),
    ("vocab.json", b"{}"),
    ("voices/zf.bin", b"voice"),
    ("licenses/MIT.txt", b"free"),
];

/// A machine with a pack to be installed, and a place for it.
struct Scene {
    folder: TempDir,
    items: Vec<Item>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in FILES {
            let place = folder.path().join("source").join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
        let items = FILES.iter().map(|(path, content)| {
            let (bytes, sha256) = sum(&mut &content[..], &mut |_| Ok(())).unwrap();
            serde_json::from_value(serde_json::json!({ "path": path, "bytes": bytes, "sha256": sha256 }))
                .unwrap()
        });
        Self { items: items.collect(), folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn install(&self, source: &Source) -> Result<PathBuf, InstallFault> {
        let items: Vec<&Item> = self.items.iter().collect();
        install_items(&self.path("voices"), source, &items, &mut Unseen(0))
    }

    fn take_folder(&self) -> Result<PathBuf, InstallFault> {
        self.install(&Source::named(self.path("source").to_str().unwrap()).unwrap())
    }

    fn archive(&self) -> PathBuf {
        let tar = self.path("pack.tar");
        let mut command = Command::new("tar");
        command.args(["--create", "--file"]).arg(&tar).arg("--directory").arg(self.path("source")).arg(".");
        assert!(command.status().unwrap().success());
        tar
    }

    fn is_whole(&self) -> bool {
        FILES.iter().all(|(path, content)| {
            fs::read(self.path("voices/kokoro").join(path)).is_ok_and(|found| found == *content)
        })
    }

    /// Everything in the folder of voice packs.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("voices")).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn a_pack_is_installed_from_a_folder_for_everybody_to_read() {
    let scene = Scene::new();
    assert_eq!(scene.take_folder().unwrap(), scene.path("voices/kokoro"));
    assert!(scene.is_whole());
    assert_eq!(scene.left(), ["kokoro"]);
    let mode = |path: &str| scene.path(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("voices/kokoro/model.onnx"), mode("voices/kokoro/voices")), (0o644, 0o755));
}

#[test]
fn the_folder_may_be_the_one_that_holds_the_pack_and_may_be_an_address() {
    let scene = Scene::new();
    fs::rename(scene.path("source"), scene.path("kokoro")).unwrap();
    let expected = Source::Folder(scene.path("kokoro"));
    let root = scene.folder.path().to_str().unwrap();
    assert_eq!(Source::named(root).unwrap(), expected);
    assert_eq!(Source::named(&format!("file://{root}/kokoro")).unwrap(), expected);
    assert!(matches!(Source::named("/nowhere/kokoro"), Err(InstallFault::NoSource(_))));
}

#[test]
fn a_pack_is_installed_from_a_tar_file() {
    let scene = Scene::new();
    scene.install(&Source::named(scene.archive().to_str().unwrap()).unwrap()).unwrap();
    assert!(scene.is_whole());
}

#[test]
fn a_pack_is_installed_from_a_web_server_as_files_or_as_one() {
    for name in ["source", "source/", "pack.tar"] {
        let scene = Scene::new();
        scene.archive();
        let address = serve(scene.folder.path(), Manner::Good);
        scene.install(&Source::named(&format!("{address}/{name}")).unwrap()).unwrap();
        assert!(scene.is_whole(), "{name}");
    }
}

#[test]
fn what_a_web_server_does_wrong_installs_nothing() {
    for (manner, expected) in [
        (Manner::Missing, "404"),
        (Manner::Cut, "model.onnx"),
        (Manner::Endless, "model.onnx is damaged"),
        (Manner::Silent, "http://"),
    ] {
        let scene = Scene::new();
        let address = serve(scene.folder.path(), manner);
        let fault = scene.install(&Source::named(&format!("{address}/source")).unwrap()).unwrap_err();
        assert!(fault.to_string().contains(expected), "{manner:?}: {fault}");
        assert!(!fault.words().zh.is_empty());
        assert_eq!(scene.left(), Vec::<String>::new(), "{manner:?}");
    }
}

#[test]
fn a_server_that_nobody_runs_is_told_with_its_address() {
    let scene = Scene::new();
    let fault = scene.install(&Source::named("http://127.0.0.1:9/kokoro").unwrap()).unwrap_err();
    assert!(fault.words().zh.contains("http://127.0.0.1:9/kokoro/model.onnx 取不到"), "{fault}");
}

#[test]
fn a_file_that_is_damaged_cut_longer_or_missing_leaves_the_old_pack_in_place() {
    type Damage = (&'static str, fn(&Path));
    let damages: [Damage; 4] = [
        ("changed", |file| fs::write(file, vec![8; 100_000]).unwrap()),
        ("cut", |file| fs::write(file, vec![7; 99_999]).unwrap()),
        ("longer", |file| fs::write(file, vec![7; 100_001]).unwrap()),
        ("missing", |file| fs::remove_file(file).unwrap()),
    ];
    for (what, damage) in damages {
        let scene = Scene::new();
        scene.take_folder().unwrap();
        damage(&scene.path("source/model.onnx"));
        let archive = scene.archive();
        for fault in [scene.take_folder().unwrap_err(), scene.install(&Source::Archive(archive)).unwrap_err()]
        {
            assert!(fault.to_string().contains("model.onnx"), "{what}: {fault}");
        }
        assert!(scene.is_whole(), "{what}");
        assert_eq!(scene.left(), ["kokoro"], "{what}");
    }
}

#[test]
fn a_pipe_in_place_of_a_file_keeps_nobody_waiting() {
    let scene = Scene::new();
    let file = scene.path("source/vocab.json");
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    assert!(matches!(scene.take_folder(), Err(InstallFault::Missing(_))));
}

#[test]
fn a_new_pack_takes_the_place_of_the_old_one_and_what_a_power_cut_left_goes() {
    let scene = Scene::new();
    scene.take_folder().unwrap();
    fs::write(scene.path("voices/kokoro/model.onnx"), "old").unwrap();
    for left in [UNDER_WAY, PUT_ASIDE] {
        fs::create_dir_all(scene.path("voices").join(left).join("voices")).unwrap();
        fs::write(scene.path("voices").join(left).join("model.onnx"), "half").unwrap();
    }
    scene.take_folder().unwrap();
    assert!(scene.is_whole());
    assert_eq!(scene.left(), ["kokoro"]);
}

#[test]
fn two_installations_at_once_do_not_mix() {
    let scene = Scene::new();
    scene.take_folder().unwrap();
    let _held = lock(&scene.path("voices")).unwrap();
    assert!(matches!(scene.take_folder(), Err(InstallFault::Busy)));
    assert!(matches!(remove(&scene.path("voices")), Err(InstallFault::Busy)));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let scene = Scene::new();
    fs::write(scene.path("voices"), "a file").unwrap();
    let fault = scene.take_folder().unwrap_err();
    assert!(matches!(&fault, InstallFault::Write { .. }), "{fault:?}");
    assert!(fault.words().zh.contains("写不了"), "{fault}");
}

#[test]
fn a_pack_is_removed_without_a_trace() {
    let scene = Scene::new();
    assert!(!remove(&scene.path("voices")).unwrap());
    scene.take_folder().unwrap();
    assert!(remove(&scene.path("voices")).unwrap());
    assert_eq!(scene.left(), Vec::<String>::new());
}

#[test]
fn what_is_no_tar_file_is_refused_and_what_does_not_belong_is_passed_over() {
    let scene = Scene::new();
    fs::write(scene.path("source/extra.txt"), "extra").unwrap();
    let archive = scene.archive();
    scene.install(&Source::Archive(archive.clone())).unwrap();
    assert!(!scene.path("voices/kokoro/extra.txt").exists());
    let whole = fs::read(&archive).unwrap();
    for bad in [b"no tar".repeat(1000), whole[..1000].to_vec(), whole[..60_000].to_vec()] {
        fs::write(&archive, bad).unwrap();
        assert!(scene.install(&Source::Archive(archive.clone())).is_err());
    }
    assert!(scene.is_whole());
}
