//! Enrolment: one code, read out over the telephone, makes a station and a county sure of each other.
//!
//! The code is twenty characters: four by which the county finds it, sixteen (80 bits) that never travel. Each side shows by
//! an HMAC that it knows them: so the station may believe the root and the certificate that come with the answer, though it
//! has neither yet and the network is anybody's; and the token, which both sides compute, never travels before TLS stands.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::model::Digest;

/// Letters and digits of a code, after Crockford: none of I, L, O and U, which are misheard and misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters by which a code is found.
const NAME: usize = 4;

/// Characters of a code.
const LENGTH: usize = 20;

/// A one-time code, as people say it: `7KQM-…`, in groups of four.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// Says that a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of twenty letters and digits")]
pub struct NoCode;

/// Sixteen random bytes, as hexadecimal digits: no answer fits a question of another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(pub String);

/// The secret by which a county knows a station from then on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub String);

/// What a station asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The code's name, by which the county finds it.
    pub code: String,
    /// The station's.
    pub nonce: Nonce,
    /// Ids and zones of the daemon's stations, as [`client_proof`] covers them: an id and its zones, parted by tabs,
    /// which no id holds; one line a station.
    pub stations: Vec<String>,
    /// Version of the daemon.
    pub version: String,
    /// [`client_proof`].
    pub proof: String,
}

/// What the county answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The name under which the county knows this daemon from now on.
    pub site: String,
    /// The county's.
    pub nonce: Nonce,
    /// Every root from the first to the one in force, as signed.
    pub roots: Vec<String>,
    /// The certificate that the county's TLS is to be known by, as PEM; none if it is one that everybody knows.
    pub certificate: Option<String>,
    /// [`county_proof`].
    pub proof: String,
}

impl Code {
    /// Makes a code of thirteen random bytes, of which it takes a hundred bits.
    pub fn of(random: &[u8; 13]) -> Self {
        let bits = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let character = |place: usize| {
            let index = usize::try_from(bits >> (5 * place) & 31).unwrap_or_default();
            char::from(ALPHABET[index])
        };
        Self((0..LENGTH).map(character).collect())
    }

    /// Returns the part by which it is found, which is no secret.
    pub fn name(&self) -> &str {
        &self.0[..NAME]
    }

    /// Returns the part that proves.
    fn secret(&self) -> &[u8] {
        &self.0.as_bytes()[NAME..]
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({}-…)", self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, character) in self.0.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl FromStr for Code {
    type Err = NoCode;

    /// Takes small letters too, any blanks and dashes, O for 0, and I and L for 1.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        let meant = |character: char| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let code: String =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1).map(meant).collect();
        let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
        if known && code.len() == LENGTH { Ok(Self(code)) } else { Err(NoCode) }
    }
}

impl Token {
    /// Returns what the county keeps of it: whoever reads the county's disk cannot speak as a station.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Computes what shows the county that a request comes from whoever was told the code.
pub fn client_proof(code: &Code, request: &EnrolRequest) -> String {
    let mut parts = vec!["station", &request.code, &request.nonce.0, &request.version];
    parts.extend(request.stations.iter().map(String::as_str));
    HEXLOWER.encode(&sum(code, &parts))
}

/// Computes what shows a station that the answer to `asked` comes from whoever gave the code out.
pub fn county_proof(code: &Code, asked: &Nonce, answer: &Enrolled) -> String {
    let certificate = answer.certificate.as_deref().unwrap_or_default();
    let mut parts = vec!["county", &asked.0, &answer.nonce.0, &answer.site, certificate];
    parts.extend(answer.roots.iter().map(String::as_str));
    HEXLOWER.encode(&sum(code, &parts))
}

/// Computes the token that both sides go by after an enrolment.
pub fn token(code: &Code, asked: &Nonce, answered: &Nonce) -> Token {
    Token(BASE64URL_NOPAD.encode(&sum(code, &["token", &asked.0, &answered.0])))
}

/// Lengths go before the parts, so that no two lists of parts run together into the same bytes.
fn sum(code: &Code, parts: &[&str]) -> [u8; 32] {
    // An HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(code.secret()) else { return [0; 32] };
    mac.update(b"dalaba enrolment 1\n");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = Code::of(&[0xa5; 13]);
        let said = code.to_string();
        assert_eq!(said.len(), 24);
        assert_eq!(said.parse(), Ok(code.clone()));
        assert_eq!(said.to_lowercase().replace('-', " ").replace('0', "o").parse(), Ok(code.clone()));
        for text in ["", "7KQM", "7KQM-7KQM-7KQM-7KQM-7KQMX", "7KQM-7KQM-7KQM-7KQM-7KQ严"] {
            assert_eq!(text.parse::<Code>(), Err(NoCode), "{text}");
        }
        assert!(!format!("{code:?}").contains(&said[5..]), "a log must not tell the secret");
    }

    #[test]
    fn only_who_knows_the_code_can_prove_it() {
        let (code, other) = (Code::of(&[1; 13]), Code::of(&[2; 13]));
        let nonce = Nonce("00".repeat(16));
        let request = EnrolRequest {
            code: code.name().to_owned(),
            nonce: nonce.clone(),
            stations: vec!["赵家庄\t河东".to_owned()],
            version: "0.1.0".to_owned(),
            proof: String::new(),
        };
        assert_ne!(client_proof(&code, &request), client_proof(&other, &request));
        let moved =
            EnrolRequest { stations: vec!["赵家庄".to_owned(), "河东".to_owned()], ..request.clone() };
        assert_ne!(client_proof(&code, &request), client_proof(&code, &moved));
        let answer = Enrolled {
            site: "赵家庄".to_owned(),
            nonce: Nonce("11".repeat(16)),
            roots: vec!["{}".to_owned()],
            certificate: None,
            proof: String::new(),
        };
        let forged = Enrolled { certificate: Some("another".to_owned()), ..answer.clone() };
        assert_ne!(county_proof(&code, &nonce, &answer), county_proof(&code, &nonce, &forged));
        assert_eq!(token(&code, &nonce, &answer.nonce), token(&code, &nonce, &answer.nonce));
        assert_ne!(token(&code, &nonce, &answer.nonce), token(&other, &nonce, &answer.nonce));
    }
}
