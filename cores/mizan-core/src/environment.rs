//! Settings of the environment.

use crate::error::BuildError;
use crate::secret::Secret;

/// A secret of the builder, else of the environment.
pub(crate) fn secret(name: &str, given: Option<Secret>) -> Result<Option<Secret>, BuildError> {
    if given.is_some() {
        return Ok(given);
    }
    let Some(text) = variable(name)? else { return Ok(None) };
    let refuse = |fault| {
        BuildError::single(
            format!("`{name}` is not a secret: {fault}"),
            "set it to 32 characters or more, random ones, for example the output of `openssl rand -hex 32`",
        )
    };
    Secret::new(text).map(Some).map_err(refuse)
}

/// A variable of the environment without spaces around it.
pub(crate) fn text(name: &str) -> Result<Option<String>, BuildError> {
    Ok(variable(name)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// A variable of the environment; an empty one counts as absent, and one that is not UTF-8 is refused.
pub(crate) fn variable(name: &str) -> Result<Option<String>, BuildError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(BuildError::single(
            format!("`{name}` is not text"),
            "write it in letters and digits, for example the output of `openssl rand -hex 32`",
        )),
    }
}

/// A setting of the environment that is on (`1`, `true`) or off (`0`, `false`).
pub(crate) fn flag(name: &str) -> Result<Option<bool>, BuildError> {
    match text(name)?.as_deref() {
        None => Ok(None),
        Some("1" | "true") => Ok(Some(true)),
        Some("0" | "false") => Ok(Some(false)),
        Some(other) => Err(BuildError::single(
            format!("`{name}` is `{other}`"),
            "write 1 for on or 0 for off, or leave it out",
        )),
    }
}

/// A number of the environment, at least 1; the text of one that is invalid as the error. An empty one counts as absent.
pub(crate) fn number(name: &str) -> Result<Option<usize>, String> {
    let Some(text) = std::env::var_os(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(text.into_owned()),
    }
}
