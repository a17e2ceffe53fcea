//! The real nginx and Caddy, with the files of `docs/deploy`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mizan_faults::process::{Process, find};
use ureq::tls::Certificate;

use crate::market::{Market, start, wait_until};
use crate::{browser, files};

/// A running proxy, in front of a market.
pub(crate) struct Proxy {
    _process: Process,
    certificate: PathBuf,
    http: u16,
    repeats_calls: bool,
}

impl Proxy {
    pub(crate) fn nginx(market: &Market) -> Self {
        let folder = market.folder().join("nginx");
        let command =
            nginx(&folder, &files::nginx(market.ports, market.http, market.https, &folder));
        Self::start(market, command, &folder, folder.join("fullchain.pem"), true)
    }

    pub(crate) fn caddy(market: &Market) -> Self {
        let folder = market.folder().join("caddy");
        let command =
            caddy(&folder, "run", (market.http, market.https), &files::caddy(market.ports));
        Self::start(market, command, &folder, folder.join("pki/authorities/local/root.crt"), false)
    }

    fn start(
        market: &Market,
        command: Command,
        folder: &Path,
        certificate: PathBuf,
        repeats_calls: bool,
    ) -> Self {
        let log = folder.join("log");
        let mut process = start(command, folder, &log);
        let (http, https) = (market.http, market.https);
        let ready = || {
            let certificate = Certificate::from_pem(&fs::read(&certificate).ok()?).ok()?;
            browser::status(&format!("https://localhost:{https}/readyz"), Some(&certificate))
        };
        wait_until(&log, || {
            assert!(!process.has_ended(), "{}", fs::read_to_string(&log).unwrap());
            ready() == Some(200)
        });
        Self { _process: process, certificate, http, repeats_calls }
    }

    /// Whether a call that could not be sent to one process is sent to the other one. Caddy up to
    /// 2.11.1 closes the body of the call, and then cannot.
    pub(crate) fn repeats_calls(&self) -> bool {
        self.repeats_calls
    }

    /// Where it is without TLS.
    pub(crate) fn plain(&self) -> String {
        format!("http://localhost:{}", self.http)
    }

    /// Whom a browser has to trust.
    pub(crate) fn certificate(&self) -> Certificate<'static> {
        Certificate::from_pem(&fs::read(&self.certificate).unwrap()).unwrap()
    }
}

/// nginx with this file in its `http` block, and a certificate that it signed itself.
pub(crate) fn nginx(folder: &Path, file: &str) -> Command {
    fs::create_dir(folder).unwrap();
    let shop = folder.join("shop.conf");
    fs::write(&shop, file).unwrap();
    certify(folder);
    let path = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {path}/{what};\n"));
    let main = format!(
        "daemon off;\nworker_processes 1;\npid {path}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{}include {};\n}}\n",
        temporary.concat(),
        shop.display()
    );
    let config = folder.join("nginx.conf");
    fs::write(&config, main).unwrap();
    let mut command = Command::new(find("nginx").expect("nginx is installed"));
    command.arg("-e").arg("stderr").arg("-p").arg(folder).arg("-c").arg(config);
    command
}

/// Caddy with this file and a folder, ports and an authority of its own.
pub(crate) fn caddy(folder: &Path, what: &str, (http, https): (u16, u16), file: &str) -> Command {
    fs::create_dir(folder).unwrap();
    fs::write(folder.join("shop"), file).unwrap();
    let main = format!(
        "{{\n\tadmin off\n\tskip_install_trust\n\tlocal_certs\n\tdefault_bind 127.0.0.1\n\
         \thttp_port {http}\n\thttps_port {https}\n\tstorage file_system {}\n}}\nimport shop\n",
        folder.display()
    );
    let config = folder.join("Caddyfile");
    fs::write(&config, main).unwrap();
    let mut command = Command::new(find("caddy").expect("caddy is installed"));
    command.arg(what).arg("--adapter").arg("caddyfile").arg("--config").arg(config);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

fn certify(folder: &Path) {
    let mut openssl = Command::new(find("openssl").expect("openssl is installed"));
    openssl
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "privkey.pem", "-out", "fullchain.pem"])
        .current_dir(folder);
    let output = openssl.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
