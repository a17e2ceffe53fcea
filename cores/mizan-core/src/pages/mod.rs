//! Pages that are components: the HTML around them, what they bring with them, and the worker that renders them.

mod assets;
mod data;
mod known;
mod service;
mod settings;
mod shell;
mod stored;

pub(crate) use data::PageBundle;
pub(crate) use known::{PageId, Reads};
pub use service::PageCounts;
pub(crate) use service::PageService;
pub use settings::Pages;
pub(crate) use stored::StoredPage;
