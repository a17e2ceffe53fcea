//! The database: SQLite by default, PostgreSQL by `DATABASE_URL`. Every query uses the
//! words that both understand; where the two differ, the difference stands here.

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mizan_sqlx::SqlSessions;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, SqlStr, Transaction};

/// A transaction on either database.
pub type Tx = Transaction<'static, Any>;

/// Yes or no: 1 or 0 in a `BIGINT`, which both databases read alike. A field of a row is a `bool` by
/// `#[sqlx(try_from = "Flag")]`.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub struct Flag(i64);

impl From<Flag> for bool {
    fn from(Flag(value): Flag) -> Self {
        value == 1
    }
}

const SQLITE_BEGIN: &str = "BEGIN IMMEDIATE";

const DEFAULT_FILE: &str = "target/souk/souk.db";

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "market", include_str!("../migrations/0001_market.sql")),
    (2, "orders", include_str!("../migrations/0002_orders.sql")),
    (3, "accounts", include_str!("../migrations/0003_accounts.sql")),
    (4, "bank", include_str!("../migrations/0004_bank.sql")),
];

/// Which database, as the environment names it.
#[derive(Clone)]
pub enum Settings {
    /// A file, made where there is none.
    Sqlite(PathBuf),
    /// A URL, which may hold a password and is never shown.
    Postgres(String),
}

impl Settings {
    /// `DATABASE_URL` where there is one, else the file in `SOUK_DB`, else a file below `target`.
    ///
    /// Fails where `DATABASE_URL` names neither: what was meant for one database is not written into
    /// another.
    pub fn from_env() -> Result<Self, &'static str> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let Some(url) = variable("DATABASE_URL") else {
            let file = variable("SOUK_DB").map_or_else(|| DEFAULT_FILE.into(), PathBuf::from);
            return Ok(Self::Sqlite(file));
        };
        let known = |url: &String| {
            ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
        };
        let url = url.into_string().ok().filter(known).map(Self::Postgres);
        url.ok_or(
            "DATABASE_URL does not begin with postgres://: correct it, or unset it to use SQLite",
        )
    }

    /// The file of the database, or where it would be: other files are next to it.
    pub fn file(&self) -> &Path {
        match self {
            Self::Sqlite(file) => file,
            Self::Postgres(_) => Path::new(DEFAULT_FILE),
        }
    }
}

/// Says where the database is, without a user's name or password.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "SQLite in {}", file.display()),
            Self::Postgres(url) => match url.parse::<AnyConnectOptions>() {
                Ok(options) => {
                    let url = &options.database_url;
                    let host = url.host_str().filter(|host| !host.is_empty());
                    let name = url.path().trim_start_matches('/');
                    write!(f, "PostgreSQL on {}", host.unwrap_or("this machine"))?;
                    url.port().map_or(Ok(()), |port| write!(f, ":{port}"))?;
                    if name.is_empty() { Ok(()) } else { write!(f, ", database {name}") }
                }
                Err(_) => f.write_str("PostgreSQL"),
            },
        }
    }
}

/// An open database. Cheap to clone; every clone is the same pool of connections.
#[derive(Clone)]
pub struct Db {
    pool: AnyPool,
    begin: &'static str,
    sessions: SqlSessions,
}

impl Db {
    /// Opens a database and brings its tables up to date.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let opened = match settings {
            Settings::Sqlite(file) => open_sqlite(file).await,
            Settings::Postgres(url) => open_postgres(url).await,
        };
        opened.map_err(|cause| OpenError { settings: settings.clone(), cause })
    }

    async fn new(pool: AnyPool, begin: &'static str) -> Result<Self, Cause> {
        let sessions = SqlSessions::any(pool.clone())?.migrate().await?;
        Ok(Self { pool, begin, sessions })
    }

    /// The connections, for a statement that stands alone.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The sign-ins, in tables of their own.
    pub fn sessions(&self) -> &SqlSessions {
        &self.sessions
    }

    /// Whether this is a file, which one process has for itself.
    pub fn is_file(&self) -> bool {
        self.begin == SQLITE_BEGIN
    }

    /// Begins a transaction that is going to write. SQLite takes its lock here: a transaction that
    /// reads first and asks for the lock later fails at once when another one has written between.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.pool.begin_with(self.begin).await
    }
}

async fn open_sqlite(file: &Path) -> Result<Db, Cause> {
    if let Some(directory) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    // Readers go on while somebody writes, and a second writer waits instead of failing.
    let greeting = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                    PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON";
    let pool = connect(&format!("sqlite://{}?mode=rwc", escaped(file)), greeting).await?;
    Db::new(pool, SQLITE_BEGIN).await
}

async fn open_postgres(url: &str) -> Result<Db, Cause> {
    Db::new(connect(url, "SET lock_timeout = '10s'").await?, "BEGIN").await
}

/// A pool whose connections begin with a greeting. The first connection is made without it: a pool
/// tries again for a while, and then only says that its time was up.
async fn connect(url: &str, greeting: &'static str) -> Result<AnyPool, Cause> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = url.parse()?;
    let first = AnyConnection::connect_with(&options);
    let mut first = tokio::time::timeout(Duration::from_secs(5), first).await??;
    first.execute(greeting).await?;
    migrations().run(&mut first).await?;
    first.close().await?;
    let pool = AnyPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10));
    let greet = pool.after_connect(move |connection, _| {
        Box::pin(async move { connection.execute(greeting).await.map(drop) })
    });
    Ok(greet.connect_lazy_with(options))
}

/// A path as it is in a URL.
fn escaped(file: &Path) -> String {
    let escape = |byte: u8| match byte {
        b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    file.as_os_str().as_encoded_bytes().iter().map(|byte| escape(*byte)).collect()
}

fn migrations() -> Migrator {
    let migration = |(version, description, sql): &(i64, &'static str, &'static str)| {
        let (kind, sql) = (MigrationType::Simple, SqlStr::from_static(sql));
        Migration::new(*version, (*description).into(), kind, sql, false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

type Cause = Box<dyn StdError + Send + Sync>;

/// A database that cannot be used, and what to do about it.
pub struct OpenError {
    settings: Settings,
    cause: Cause,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remedy = match self.settings {
            Settings::Sqlite(_) => "name another file in SOUK_DB",
            Settings::Postgres(_) => {
                "start the server, correct DATABASE_URL, or unset it to use SQLite"
            }
        };
        write!(f, "{} cannot be opened ({}): {remedy}", self.settings, self.cause)
    }
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl StdError for OpenError {}
