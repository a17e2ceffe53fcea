//! The programs that commands and tests need besides Rust, and how each system installs them.

/// Something to install.
pub(crate) struct Program {
    /// Its name in messages, and in the reason of an ignored test.
    pub(crate) name: &'static str,
    /// The files by which it is found.
    pub(crate) found_as: &'static [&'static str],
    /// Its packages.
    pub(crate) debian: &'static str,
    macos: &'static str,
    fedora: &'static str,
    windows: &'static str,
}

/// Where Windows runs what it has no package for.
const WSL: &str = "run this command in Debian or Ubuntu in WSL";

pub(crate) const NODE: Program = Program {
    name: "npm packages",
    found_as: &["node"],
    debian: "nodejs npm",
    macos: "brew install node",
    fedora: "dnf install nodejs npm",
    windows: "winget install OpenJS.NodeJS.LTS",
};

pub(crate) const CHROMIUM: Program = Program {
    name: "chromium",
    found_as: &["chromium", "chromium-browser", "google-chrome"],
    debian: "chromium",
    macos: "brew install --cask google-chrome",
    fedora: "dnf install chromium",
    windows: "winget install Google.Chrome",
};

/// Browsers that are not in the PATH.
pub(crate) const BROWSERS: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

pub(crate) const REDIS: Program = Program {
    name: "redis-server",
    found_as: &["redis-server"],
    debian: "redis-server",
    macos: "brew install redis",
    fedora: "dnf install valkey-compat-redis",
    windows: WSL,
};

pub(crate) const POSTGRES: Program = Program {
    name: "postgresql",
    found_as: &["initdb"],
    debian: "postgresql",
    macos: "brew install postgresql@17",
    fedora: "dnf install postgresql-server",
    windows: WSL,
};

pub(crate) const NGINX: Program = Program {
    name: "nginx",
    found_as: &["nginx"],
    debian: "nginx",
    macos: "brew install nginx",
    fedora: "dnf install nginx",
    windows: WSL,
};

pub(crate) const CADDY: Program = Program {
    name: "caddy",
    found_as: &["caddy"],
    debian: "caddy",
    macos: "brew install caddy",
    fedora: "dnf install caddy",
    windows: WSL,
};

pub(crate) const OPENSSL: Program = Program {
    name: "openssl",
    found_as: &["openssl"],
    debian: "openssl",
    macos: "brew install openssl",
    fedora: "dnf install openssl",
    windows: WSL,
};

pub(crate) const VALGRIND: Program = Program {
    name: "valgrind",
    found_as: &["valgrind"],
    debian: "valgrind",
    macos: "run this command in a container with Debian",
    fedora: "dnf install valgrind",
    windows: WSL,
};

impl Program {
    /// That it is missing, and what to do on each system.
    pub(crate) fn remedy(&self) -> String {
        let Self { name, debian, macos, fedora, windows, .. } = self;
        format!(
            "{name} is missing. Install it:\n    \
             Debian, Ubuntu   apt-get install {debian}\n    \
             macOS            {macos}\n    \
             Fedora           {fedora}\n    \
             Windows          {windows}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{CADDY, CHROMIUM, NGINX, NODE, OPENSSL, POSTGRES, REDIS, VALGRIND};

    #[test]
    fn a_remedy_names_a_command_for_each_system() {
        for program in [NODE, CHROMIUM, REDIS, POSTGRES, NGINX, CADDY, OPENSSL, VALGRIND] {
            let remedy = program.remedy();
            let starts = format!("{} is missing. Install it:\n", program.name);
            assert!(remedy.starts_with(&starts), "{remedy}");
            for system in ["Debian, Ubuntu   apt-get install ", "macOS  ", "Fedora  ", "Windows  "]
            {
                assert!(remedy.contains(system), "{remedy}");
            }
        }
        assert!(NODE.remedy().contains("winget install OpenJS.NodeJS.LTS"));
    }
}
