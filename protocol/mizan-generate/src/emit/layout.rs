//! Line breaking: text with places where a line may end, laid out within 80 columns.
//!
//! A group stays on one line if it fits there, else all of its own places break.

use std::borrow::Cow;

const WIDTH: usize = 80;
const INDENT: usize = 2;

/// A piece of text to lay out.
#[derive(Debug, Clone)]
pub(super) enum Piece<'a> {
    Text(Cow<'a, str>),
    /// A space, or the end of the line.
    Line,
    /// Nothing, or the end of the line.
    Soft,
    /// The end of the line, which breaks the groups around it.
    Hard,
    /// Text that is only where the group around it is broken.
    IfBroken(&'static str),
    Indent(Vec<Piece<'a>>),
    Group(Vec<Piece<'a>>),
    All(Vec<Piece<'a>>),
}

pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece::Text(text.into())
}

/// Items between two brackets, with a comma between them and one more where they are broken.
pub(super) fn list<'a>(
    open: &'static str,
    items: impl IntoIterator<Item = Piece<'a>>,
    close: &'static str,
) -> Piece<'a> {
    bracketed(open, items, close, Piece::Soft, ",")
}

/// Items between two brackets, without a comma at the end.
pub(super) fn type_list<'a, const N: usize>(items: [Piece<'a>; N]) -> Piece<'a> {
    match items.as_slice() {
        [only] => Piece::All(vec![text("<"), only.clone(), text(">")]),
        _ => bracketed("<", items, ">", Piece::Soft, ""),
    }
}

/// Items between braces with spaces inside.
pub(super) fn braces<'a>(items: impl IntoIterator<Item = Piece<'a>>) -> Piece<'a> {
    bracketed("{", items, "}", Piece::Line, ",")
}

fn bracketed<'a>(
    open: &'static str,
    items: impl IntoIterator<Item = Piece<'a>>,
    close: &'static str,
    edge: Piece<'a>,
    last: &'static str,
) -> Piece<'a> {
    let mut inner = vec![edge.clone()];
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            inner.extend([text(","), Piece::Line]);
        }
        inner.push(item);
    }
    if inner.len() == 1 {
        return text(format!("{open}{close}"));
    }
    inner.push(Piece::IfBroken(last));
    Piece::Group(vec![text(open), Piece::Indent(inner), edge, text(close)])
}

/// Lays out a piece after what the last line of `out` already holds.
pub(super) fn write(out: &mut String, piece: Piece<'_>) {
    if let Piece::Text(text) = &piece {
        out.push_str(text);
        return;
    }
    let start = out.rfind('\n').map_or(0, |end| end + 1);
    let mut column = out.get(start..).map_or(0, |line| line.chars().count());
    let mut stack = vec![(0, true, &piece)];
    while let Some((indent, broken, piece)) = stack.pop() {
        match piece {
            Piece::Text(text) => {
                out.push_str(text);
                column += text.chars().count();
            }
            Piece::IfBroken(text) if broken => {
                out.push_str(text);
                column += text.len();
            }
            Piece::IfBroken(_) => {}
            Piece::Line if !broken => {
                out.push(' ');
                column += 1;
            }
            Piece::Soft if !broken => {}
            Piece::Line | Piece::Soft | Piece::Hard => {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            }
            Piece::Indent(inner) => push(&mut stack, indent + INDENT, broken, inner),
            Piece::All(inner) => push(&mut stack, indent, broken, inner),
            Piece::Group(inner) => {
                let flat = fits(WIDTH.saturating_sub(column), inner, &stack);
                push(&mut stack, indent, !flat, inner);
            }
        }
    }
}

type Item<'p, 'a> = (usize, bool, &'p Piece<'a>);

fn push<'p, 'a>(
    stack: &mut Vec<Item<'p, 'a>>,
    indent: usize,
    broken: bool,
    inner: &'p [Piece<'a>],
) {
    stack.extend(inner.iter().rev().map(|piece| (indent, broken, piece)));
}

/// True where the group, and what follows it up to the next place to break, fits on the line.
fn fits(mut room: usize, group: &[Piece<'_>], after: &[Item<'_, '_>]) -> bool {
    // Inside the group nothing is broken; in what follows, groups may be.
    let inside = group.iter().map(|piece| (false, piece));
    let after = after.iter().rev().map(|(_, broken, piece)| (*broken, *piece));
    for (broken, piece) in inside.chain(after) {
        match take(&mut room, broken, piece) {
            Some(true) => {}
            Some(false) => return true,
            None => return false,
        }
    }
    true
}

/// Takes the room of a piece. Some(false) where the line ends in it, none where it does not fit.
fn take(room: &mut usize, broken: bool, piece: &Piece<'_>) -> Option<bool> {
    let width = match piece {
        Piece::Text(text) => text.chars().count(),
        Piece::IfBroken(text) if broken => text.len(),
        Piece::IfBroken(_) => 0,
        Piece::Line | Piece::Soft | Piece::Hard if broken => return Some(false),
        Piece::Hard => return None,
        Piece::Line => 1,
        Piece::Soft => 0,
        Piece::Group(inner) | Piece::Indent(inner) | Piece::All(inner) => {
            for piece in inner {
                if !take(room, broken, piece)? {
                    return Some(false);
                }
            }
            0
        }
    };
    *room = room.checked_sub(width)?;
    Some(true)
}
