//! Whom to believe that it is the county: the certificate that came with the enrolment, or the authorities that everybody
//! knows.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::Fault;

/// Whom to believe.
#[derive(Debug, Clone, Copy)]
pub(super) enum Believe<'a> {
    /// Whoever answers. Only for an enrolment, whose answer proves itself.
    Anybody,
    /// Whoever shows this certificate (PEM), or one that it has signed for the host.
    This(&'a str),
    /// Whoever an authority known to all vouches for.
    Authorities,
}

/// Prepares TLS. Nothing about the network is asked.
pub(super) fn config(believe: Believe<'_>) -> Result<Arc<ClientConfig>, Fault> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(stranger)?;
    let mut config = match believe {
        Believe::Authorities => {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        Believe::Anybody => {
            let verifier = Known { pinned: None, vouched: None, provider };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
        Believe::This(pem) => {
            let verifier = Known::by(pem, provider)?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes one certificate for what it is, by whatever name it was reached; handshakes are verified as always.
#[derive(Debug)]
struct Known {
    /// None: anybody.
    pinned: Option<CertificateDer<'static>>,
    vouched: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Known {
    fn by(pem: &str, provider: Arc<CryptoProvider>) -> Result<Self, Fault> {
        let pinned = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| Fault::Stranger(format!("the stored certificate cannot be read: {error}")))?;
        let mut roots = RootCertStore::empty();
        // One that cannot vouch for others can still be known itself.
        let vouched = roots.add(pinned.clone()).ok().and_then(|()| {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok()
        });
        Ok(Self { pinned: Some(pinned), vouched, provider })
    }
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Its dates are not asked: a box whose clock is wrong must still hear its county, which may set it right.
        if self.pinned.as_ref().is_none_or(|pinned| pinned == shown) {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(vouched) = &self.vouched else {
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        vouched.verify_server_cert(shown, between, host, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, shown, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, shown, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn stranger(error: Error) -> Fault {
    Fault::Stranger(error.to_string())
}
