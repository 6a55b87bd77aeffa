//! TLS to PostgreSQL, where its URL asks for it.

use std::env;
use std::fmt::Display;
use std::sync::Arc;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::StoreFault;

/// Names the file with the authorities that vouch for the database, as for PostgreSQL's own programs.
const AUTHORITIES: &str = "PGSSLROOTCERT";

/// Makes what connects. With `sslmode=require` nothing goes over the wire before the database has shown a certificate for its name
/// by an authority of the file that `PGSSLROOTCERT` names, or by one that everybody knows. Without it there is no TLS, also
/// where it is offered: Debian's server offers a certificate that nobody vouches for.
pub(super) fn connector(config: &mut Config) -> Result<MakeRustlsConnect, StoreFault> {
    let roots = if config.get_ssl_mode() == SslMode::Require {
        authorities()?
    } else {
        config.ssl_mode(SslMode::Disable);
        RootCertStore::empty()
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(unfit)?;
    Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn authorities() -> Result<RootCertStore, StoreFault> {
    let Some(file) = env::var_os(AUTHORITIES) else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unfit)? {
        roots.add(certificate.map_err(unfit)?).map_err(unfit)?;
    }
    if roots.is_empty() { Err(unfit("no certificate in it")) } else { Ok(roots) }
}

fn unfit(error: impl Display) -> StoreFault {
    StoreFault::Down(format!("{AUTHORITIES}: {error}"))
}
