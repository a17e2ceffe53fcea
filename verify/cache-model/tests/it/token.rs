//! The state machine of one token, row by row.

use mizan_cache_model::scenario::Flaw;
use mizan_cache_model::token::Command::{self, Begin, Cancel, End, Resolve};
use mizan_cache_model::token::{FRESH, Token, UNKNOWN};

const G7: Token = Token::Generation(7);
const NEW: Token = Token::Generation(FRESH);
const ME: u8 = 1;
const YOU: u8 = 2;
const BOTH: u8 = ME | YOU;

const fn mark(old: u8, who: u8) -> Token {
    Token::Mark { old, who }
}

#[test]
fn a_command_leaves_what_the_protocol_says() {
    let rows: &[(Token, Command, u8, Token)] = &[
        // Before, command of ME, whose leases are over, after.
        (Token::Absent, Begin, 0, mark(UNKNOWN, ME)),
        (G7, Begin, 0, mark(7, ME)),
        (mark(7, YOU), Begin, 0, mark(7, BOTH)),
        (mark(7, YOU), Begin, YOU, mark(UNKNOWN, ME)),
        (mark(7, ME), Begin, ME, mark(7, ME)),
        (Token::Absent, End, 0, NEW),
        (G7, End, 0, NEW),
        (mark(7, ME), End, 0, NEW),
        (mark(7, BOTH), End, 0, mark(FRESH, YOU)),
        (mark(7, BOTH), End, YOU, NEW),
        (Token::Absent, Cancel, 0, Token::Absent),
        (G7, Cancel, 0, G7),
        (mark(7, ME), Cancel, 0, G7),
        (mark(7, ME), Cancel, ME, G7),
        (mark(UNKNOWN, ME), Cancel, 0, NEW),
        (mark(7, BOTH), Cancel, 0, mark(7, YOU)),
        (mark(7, BOTH), Cancel, YOU, NEW),
        (G7, Resolve, 0, G7),
        (Token::Absent, Resolve, 0, Token::Absent),
    ];
    for &(before, command, over, after) in rows {
        let left = before.apply(command, ME, over, Flaw::None);
        assert_eq!(left, after, "{before:?} {command:?}, over: {over}");
    }
}

#[test]
fn resolve_takes_away_only_what_is_over() {
    let rows: &[(Token, u8, Token)] = &[
        (mark(7, YOU), 0, mark(7, YOU)),
        (mark(7, BOTH), YOU, mark(UNKNOWN, ME)),
        (mark(7, BOTH), BOTH, NEW),
    ];
    for &(before, over, after) in rows {
        assert_eq!(before.apply(Resolve, 0, over, Flaw::None), after, "{before:?}, over: {over}");
    }
}

#[test]
fn creating_leaves_what_is_there() {
    for (before, after) in [(Token::Absent, NEW), (G7, G7), (mark(7, ME), mark(7, ME))] {
        assert_eq!(before.create(Flaw::None), after);
    }
}
