//! Calls libespeak-ng. Its state is one per process and survives a text, so a process speaks one
//! message and ends; it is never terminated either, because `espeak_Terminate` hangs.

use std::ffi::{CStr, CString, c_char, c_int, c_short, c_void};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Mutex;

use espeakng_sys as sys;

use super::SpeakFault;

/// What has been spoken so far, and how much may be.
struct Sound {
    samples: Vec<i16>,
    most: usize,
    too_long: bool,
}

static SOUND: Mutex<Sound> = Mutex::new(Sound { samples: Vec::new(), most: 0, too_long: false });

/// Returns the library's version, such as `1.51`. Needs no start of the library.
pub(super) fn version() -> String {
    // SAFETY: the library returns a pointer to a constant text of its own; a null argument is allowed.
    let version = unsafe { text_at(sys::espeak_Info(ptr::null_mut())) };
    version.unwrap_or_default()
}

/// Returns the folder of the library's data, wherever this system keeps it. Needs no start of the library.
pub(super) fn data_folder() -> PathBuf {
    let mut path: *const c_char = ptr::null();
    // SAFETY: a null path asks for the default; `path` outlives the call that fills it; the text that it then
    // points to is a static buffer of the library that ends in 0.
    let bytes = unsafe {
        sys::espeak_ng_InitializePath(ptr::null());
        sys::espeak_Info(&raw mut path);
        if path.is_null() { Vec::new() } else { CStr::from_ptr(path).to_bytes().to_vec() }
    };
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// The started library. There is at most one in a process; see [`Library::start`].
pub(super) struct Library {
    rate: u32,
}

impl Library {
    /// Starts the library on the data in `data`.
    pub(super) fn start(data: &Path) -> Result<Self, SpeakFault> {
        let path = CString::new(data.as_os_str().as_bytes()).map_err(|_| missing_data())?;
        let mode = sys::espeak_AUDIO_OUTPUT_AUDIO_OUTPUT_SYNCHRONOUS;
        // The library would end the process when its data are missing; we want to say so instead.
        let options = c_int::try_from(sys::espeakINITIALIZE_DONT_EXIT).unwrap_or_default();
        // SAFETY: the path ends in 0 and outlives the call; the callback never panics and is never unset.
        let rate = unsafe {
            sys::espeak_SetSynthCallback(Some(take));
            sys::espeak_Initialize(mode, 0, path.as_ptr(), options)
        };
        u32::try_from(rate).ok().filter(|rate| *rate > 0).map(|rate| Self { rate }).ok_or_else(missing_data)
    }

    /// Chooses a voice, and makes sure that it is that one.
    #[expect(clippy::unused_self, reason = "only a started library has voices")]
    pub(super) fn choose(&self, voice: &str) -> Result<(), SpeakFault> {
        let refused = || SpeakFault::NoVoice(voice.to_owned());
        let name = CString::new(voice).map_err(|_| refused())?;
        // SAFETY: the name ends in 0 and outlives the call; the library is started.
        let code = unsafe { sys::espeak_SetVoiceByName(name.as_ptr()) };
        let chosen = current_language();
        if code == sys::espeak_ERROR_EE_OK && chosen.as_deref() == Some(voice) {
            Ok(())
        } else {
            Err(refused())
        }
    }

    /// Sets the speed in words a minute.
    #[expect(clippy::unused_self, reason = "only a started library takes it")]
    pub(super) fn set_speed(&self, words_per_minute: i32) -> Result<(), SpeakFault> {
        set(sys::espeak_PARAMETER_espeakRATE, words_per_minute)
    }

    /// Sets the pitch, 0 to 99.
    #[expect(clippy::unused_self, reason = "only a started library takes it")]
    pub(super) fn set_pitch(&self, pitch: i32) -> Result<(), SpeakFault> {
        set(sys::espeak_PARAMETER_espeakPITCH, pitch)
    }

    /// Returns the samples a second of all that it speaks.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Writes in IPA how `text` sounds in the voice chosen; clauses stand on lines of their own.
    #[expect(clippy::unused_self, reason = "only a started library reads")]
    pub(super) fn phonemes(&self, text: &str) -> Result<String, SpeakFault> {
        /// Bit 1 of the mode of phonemes: IPA, not the library's own letters.
        const IPA: c_int = 2;
        let text = CString::new(text).map_err(|error| SpeakFault::Request(error.to_string()))?;
        let characters = c_int::try_from(sys::espeakCHARS_UTF8).unwrap_or_default();
        let mut rest: *const c_void = text.as_ptr().cast();
        let mut clauses = Vec::new();
        // Each clause moves `rest` on by a byte at least; after the last it is null.
        for _ in 0..=text.as_bytes().len() {
            if rest.is_null() {
                break;
            }
            // SAFETY: `rest` points into `text`, which ends in 0 and outlives the call; what is returned is a text in a
            // buffer of the library that stays until the next call.
            clauses.extend(unsafe { text_at(sys::espeak_TextToPhonemes(&raw mut rest, characters, IPA)) });
        }
        Ok(clauses.join("\n"))
    }

    /// Speaks `text`, plainly: neither SSML (it runs a shell) nor phoneme notation is understood. More than `most`
    /// samples are a fault. A text comes out a little otherwise after another than it would alone.
    #[expect(clippy::unused_self, reason = "only a started library speaks")]
    pub(super) fn speak(&self, text: &str, most: usize) -> Result<Vec<i16>, SpeakFault> {
        let text = CString::new(text).map_err(|error| SpeakFault::Request(error.to_string()))?;
        *lock() = Sound { samples: Vec::new(), most, too_long: false };
        let flags = sys::espeakCHARS_UTF8 | sys::espeakENDPAUSE;
        let size = text.as_bytes_with_nul().len();
        let start = sys::espeak_POSITION_TYPE_POS_CHARACTER;
        // SAFETY: text and size agree and the text ends in 0; in synchronous mode nothing is kept after the call;
        // both optional pointers may be null.
        let code = unsafe {
            sys::espeak_Synth(
                text.as_ptr().cast(),
                size,
                0,
                start,
                0,
                flags,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let sound = std::mem::take(&mut lock().samples);
        match code {
            _ if lock().too_long => Err(SpeakFault::TooLong),
            sys::espeak_ERROR_EE_OK => Ok(sound),
            _ => Err(SpeakFault::Library { call: "espeak_Synth".to_owned(), code }),
        }
    }
}

fn set(parameter: sys::espeak_PARAMETER, value: i32) -> Result<(), SpeakFault> {
    // SAFETY: plain numbers; the library checks their range.
    let code = unsafe { sys::espeak_SetParameter(parameter, value, 0) };
    if code == sys::espeak_ERROR_EE_OK {
        return Ok(());
    }
    Err(SpeakFault::Library { call: "espeak_SetParameter".to_owned(), code })
}

/// Returns the first language of the chosen voice. The library writes it after one byte of priority.
fn current_language() -> Option<String> {
    // SAFETY: the library returns null or a pointer to its own record of the current voice; its languages are null
    // or a list that begins with a priority byte and a text that ends in 0.
    unsafe {
        let voice = sys::espeak_GetCurrentVoice().as_ref()?;
        let languages = voice.languages;
        if languages.is_null() || *languages == 0 { None } else { text_at(languages.add(1)) }
    }
}

/// # Safety
/// `text` is null or points to a text that ends in 0.
unsafe fn text_at(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn missing_data() -> SpeakFault {
    SpeakFault::NoVoice("espeak-ng-data".to_owned())
}

fn lock() -> std::sync::MutexGuard<'static, Sound> {
    // Nothing panics while holding it, and the samples are whole at every moment anyway.
    SOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Takes a piece of sound from the library; 1 tells it to stop.
unsafe extern "C" fn take(wav: *mut c_short, count: c_int, _events: *mut sys::espeak_EVENT) -> c_int {
    let count = usize::try_from(count).unwrap_or_default();
    if wav.is_null() || count == 0 {
        return 0;
    }
    // SAFETY: the library hands over `count` samples that stay where they are during the call.
    let piece = unsafe { std::slice::from_raw_parts(wav, count) };
    let mut sound = lock();
    if sound.samples.len() + count > sound.most {
        sound.too_long = true;
        return 1;
    }
    sound.samples.extend_from_slice(piece);
    0
}
