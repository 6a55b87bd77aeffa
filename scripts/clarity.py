#!/usr/bin/env python3
"""Measures what `profile = "horn"` does for intelligibility, and prints the table of docs/clarity.md.
测量 profile = "horn" 让播报清楚了多少，打印 docs/clarity.md 里的表。

    python3 -m venv target/clarity && target/clarity/bin/pip install -r scripts/clarity.txt
    target/clarity/bin/python scripts/clarity.py [--voices FOLDER] [--set report|tuning] [--seed N] [--most N]

Shipped messages are spoken by the program itself, with the profile off and with horn, and brought to the same loudness
(BS.1770, gated). Each goes through a simulated horn: 300 to 6,000 Hz (Butterworth, 4th order at either end), and the
same again after 0.4 s, 10 dB weaker, as an echo. Then comes noise, the same for both: as strong as what is heard of the
clip with the profile off, less the signal-to-noise ratio. ESTOI compares what arrives with the clip as it was spoken,
profile off, before the horn. Needs ffmpeg, and kokoro in FOLDER (`make voice`) for the natural voice and the recording.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pystoi import stoi
from scipy import signal
from scipy.io import wavfile

ROOT = Path(__file__).resolve().parent.parent
RATE = 48_000
# ESTOI works at 10 kHz; a whole ratio, so that nothing but the filter of the resampler comes in.
ESTOI_RATE = 10_000
PLAYLISTS = {"tuning": ["农忙", "开学季"], "report": ["春运", "雨雪雾"]}
NOISES = ["speech", "engine"]
RATIOS = [-5, 0, 5, 15]
ECHO_AFTER, ECHO_DB = 0.4, -10.0
LOUDNESS = -16.0
STATION = """profile = "{profile}"
broadcasts = "."
audio = "."
voices = "{voices}"
[[station]]
id = "评测"
output = {{ kind = "null" }}
"""


def main():
    options = arguments()
    texts = messages(options.set)[: options.most]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for profile in ("off", "horn"):
            (folder / f"{profile}.toml").write_text(STATION.format(profile=profile, voices=options.voices))
        voices = {"espeak": spoken("espeak")}
        if (options.voices / "kokoro").is_dir():
            voices["kokoro"] = spoken("kokoro:zf_xiaoxiao")
            voices["recording"] = recorded("kokoro:zm_yunjian")
        else:
            print("no kokoro: espeak only, its recording too", file=sys.stderr)
            voices["recording"] = recorded("espeak")
        print(preface(options, texts))
        print("| voice | noise | SNR, dB | off | horn | difference | least | messages better |\n|---|---|---|---|---|---|---|---|")
        for voice, make in voices.items():
            clips = [{p: level(make(options, folder, text, p)) for p in ("off", "horn")} for text in texts]
            compare(voice, clips, options.seed)


def arguments():
    state = Path.home() / ".local/state/dalaba/voices"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / "target/debug/dalaba")
    parser.add_argument("--voices", type=Path, default=state, help="the folder in which kokoro is installed")
    parser.add_argument("--set", choices=PLAYLISTS, default="report", help="which playlists: %(choices)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=8, help="messages")
    options = parser.parse_args()
    options.voices = options.voices.resolve()
    return options


def messages(which):
    files = [ROOT / "broadcasts" / f"{name}.toml" for name in PLAYLISTS[which]]
    found = [message["text"] for file in files for message in tomllib.loads(file.read_text())["message"]]
    # A slogan of two seconds is mostly ends: ESTOI wants more.
    return [text for text in found if len(text) > 20]


def preface(options, texts):
    packages = ", ".join(f"{name} {version(name)}" for name in ("pystoi", "numpy", "scipy"))
    program = subprocess.run([options.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return (
        f"{program}; Python {platform.python_version()}, {packages}; seed {options.seed}; "
        f"{len(texts)} messages of {'、'.join(PLAYLISTS[options.set])}\n"
    )


# Clips


def dalaba(options, folder, profile, *words):
    command = [options.program, *words, "--config", folder / f"{profile}.toml", "--state", folder / "state"]
    done = subprocess.run([*command, "--lang", "en"], check=True, capture_output=True, text=True, cwd=folder)
    # On a busy machine a slow voice is given up, and espeak speaks.
    if done.stderr:
        sys.exit(done.stderr)


def spoken(voice):
    def make(options, folder, text, profile):
        dalaba(options, folder, profile, "speak", "--voice", voice, "-o", folder / "clip.wav", text)
        return read(folder / "clip.wav")

    return make


def recorded(voice):
    """A recording as villages make them: a voice in a bare room, with hiss, as an MP3 at 22,050 Hz and 48 kbit/s.

    The voice is synthetic: nobody was recorded.
    """
    spoken_dry = {}

    def make(options, folder, text, profile):
        random = np.random.default_rng([options.seed, len(text), 77])
        if text not in spoken_dry:
            spoken_dry[text] = spoken(voice)(options, folder, text, "off")
        dry = spoken_dry[text]
        # A room whose sound dies by 60 dB in 0.4 s, its first reflection after 5 ms.
        time = np.arange(int(0.4 * RATE)) / RATE
        room = random.standard_normal(len(time)) * 10 ** (-3 * time / 0.4) * (time > 0.005)
        room *= 0.35 / np.sqrt(np.sum(room**2))
        room[0] = 1.0
        wet = signal.fftconvolve(dry, room)
        wet *= 0.5 / np.abs(wet).max()
        wet += 10 ** (-45 / 20) * sounding(wet) * random.standard_normal(len(wet))
        wavfile.write(folder / "wet.wav", RATE, wet.astype(np.float32))
        encode = ["ffmpeg", "-loglevel", "error", "-y", "-i", "wet.wav", "-ar", "22050", "-b:a", "48k", "say.mp3"]
        subprocess.run(encode, check=True, cwd=folder, stdin=subprocess.DEVNULL)
        playlist = 'title = "评测"\nstations = ["*"]\n[[message]]\nid = "录音"\naudio = "say.mp3"\n'
        (folder / "评测.toml").write_text(playlist + '[[schedule]]\ncron = "0 0 12 * * *"\n')
        dalaba(options, folder, profile, "listen", folder / "评测.toml", "-o", folder / "heard")
        return read(folder / "heard" / "录音.wav")

    return make


def read(path):
    rate, samples = wavfile.read(path)
    assert rate == RATE and samples.dtype == np.int16, path
    return samples / 32768


# Levels


def loudness(samples):
    """Integrated loudness of BS.1770-4, LUFS: K-weighted, in blocks of 0.4 s, gated at -70 and at 10 below the rest."""
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585])
    highpass = ([1, -2, 1], [1, -1.99004745483398, 0.99007225036621])
    weighted = signal.lfilter(*highpass, signal.lfilter(*shelf, samples))
    block, step = int(0.4 * RATE), int(0.1 * RATE)
    weighted = np.pad(weighted, (0, max(0, block - len(weighted))))
    power = np.array([np.mean(weighted[at : at + block] ** 2) for at in range(0, len(weighted) - block + 1, step)])
    lufs = lambda power: -0.691 + 10 * np.log10(power + 1e-12)
    power = power[lufs(power) > -70]
    power = power[lufs(power) > lufs(power.mean()) - 10]
    return lufs(power.mean())


def level(samples):
    return samples * 10 ** ((LOUDNESS - loudness(samples)) / 20)


def sounding(samples):
    """Root mean square of the blocks of 20 ms that are within 30 dB of the loudest."""
    blocks = samples[: len(samples) // 960 * 960].reshape(-1, 960)
    power = (blocks**2).mean(axis=1)
    return np.sqrt(power[power > power.max() / 1000].mean())


# The way to the ear


HORN = signal.butter(4, [300, 6000], "bandpass", fs=RATE, output="sos")


def through_horn(samples):
    direct = signal.sosfilt(HORN, np.pad(samples, (0, int(ECHO_AFTER * RATE))))
    return direct + 10 ** (ECHO_DB / 20) * np.roll(direct, int(ECHO_AFTER * RATE)) * (
        np.arange(len(direct)) >= int(ECHO_AFTER * RATE)
    )


def speech_shaped(count, spectrum, random):
    """Noise with the long-term spectrum of the clips themselves, before the horn: many people speaking."""
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    white = np.fft.rfft(random.standard_normal(count))
    return np.fft.irfft(white * np.interp(frequencies, *spectrum), count)


def engine(count, random):
    """A tractor: harmonics of a firing rate near 26 Hz that wanders by 2 %, and a knock of noise at every second one."""
    steps = np.cumsum(random.standard_normal(count // 4800 + 2))
    wander = np.tanh(np.interp(np.arange(count), np.arange(len(steps)) * 4800, steps) / 5)
    turns = np.cumsum(26 * (1 + 0.02 * wander)) / RATE
    hum = sum(np.sin(2 * np.pi * (n * turns + random.uniform())) / n**0.7 for n in range(1, 60))
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    white = np.fft.rfft(random.standard_normal(count))
    knock = np.fft.irfft(white / np.sqrt(1 + (frequencies / 400) ** 2), count) * np.exp(-5 * ((2 * turns) % 1))
    return hum / hum.std() + 0.5 * knock / knock.std()


def long_term(clips):
    frequencies, power = signal.welch(np.concatenate(clips), RATE, nperseg=4096)
    return frequencies, np.sqrt(power)


def for_estoi(samples):
    return signal.resample_poly(samples, 5, 24)


def compare(voice, clips, seed):
    """Prints a line for every noise and ratio; the last is the horn and its echo without noise."""
    spectrum = long_term([clip["off"] for clip in clips])
    scores = {}
    for number, clip in enumerate(clips):
        heard = {profile: through_horn(samples) for profile, samples in clip.items()}
        count = len(heard["off"])
        ideal = for_estoi(np.pad(clip["off"], (0, count - len(clip["off"]))))
        for kind in NOISES:
            random = np.random.default_rng([seed, number, NOISES.index(kind)])
            noise = speech_shaped(count, spectrum, random) if kind == "speech" else engine(count, random)
            noise *= sounding(heard["off"]) / np.sqrt(np.mean(noise**2))
            for ratio in RATIOS:
                add(scores, (kind, ratio), ideal, heard, noise * 10 ** (-ratio / 20))
        add(scores, ("none", "-"), ideal, heard, 0.0)
    for (kind, ratio), pairs in scores.items():
        off, horn = np.array(pairs).T
        gain = horn - off
        better = f"{(gain > 0).sum()} of {len(gain)}"
        print(
            f"| {voice} | {kind} | {ratio} | {off.mean():.3f} | {horn.mean():.3f} | {gain.mean():+.3f} "
            f"| {gain.min():+.3f} | {better} |",
            flush=True,
        )


def add(scores, case, ideal, heard, noise):
    pair = [stoi(ideal, for_estoi(heard[p] + noise), ESTOI_RATE, extended=True) for p in ("off", "horn")]
    scores.setdefault(case, []).append(pair)


if __name__ == "__main__":
    main()
