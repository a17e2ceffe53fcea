//! Rules on arguments that several functions share.

/// So many characters, spaces at either end not counted.
pub(crate) fn characters(least: usize, most: usize) -> impl FnOnce(&str, &()) -> garde::Result {
    move |text: &str, (): &()| match (text.trim().chars().count(), least) {
        (count, _) if (least..=most).contains(&count) => Ok(()),
        (0, _) => Err(garde::Error::new("this is needed")),
        _ => Err(garde::Error::new(format!("write {most} characters at most"))),
    }
}

/// One `@` with something on both sides. Only a letter that arrives proves an address.
pub(crate) fn address(text: &str, (): &()) -> garde::Result {
    match text.trim().split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@') => Ok(()),
        _ => Err(garde::Error::new("write an address like name@example.org")),
    }
}
