//! The value of `client-output-buffer-limit`: hard limit, soft limit and its seconds, for each
//! class of clients. Only the hard limits of normal clients and of listeners have an effect here.

use alloc::string::String;
use alloc::vec::Vec;

use super::args::{is, memory_bytes};
use crate::number::{parse_i64, push_u64};

const CLASSES: [&str; 3] = ["normal", "slave", "pubsub"];

type Limits = [[u64; 3]; 3];

/// The text of Redis' defaults, but with these hard limits for normal clients and listeners.
pub(super) fn with_hard(limits: [u64; 2]) -> Vec<u8> {
    let [normal, listener] = limits.map(|hard| if hard == u64::MAX { 0 } else { hard });
    text(&[[normal, 0, 0], [256 << 20, 64 << 20, 60], [listener, 8 << 20, 60]])
}

/// The hard limits of normal clients and of listeners in a text; none is a great one.
pub(super) fn hard(text: &[u8]) -> [u64; 2] {
    let mut limits = Limits::default();
    // A text of ours has no error in it.
    let _ = apply(&mut limits, text);
    [limits[0][0], limits[2][0]].map(|hard| if hard == 0 { u64::MAX } else { hard })
}

/// Changes the classes that `word` names; returns the text.
pub(super) fn change(present: &[u8], word: &[u8]) -> Result<Vec<u8>, String> {
    let mut limits = Limits::default();
    apply(&mut limits, present)?;
    apply(&mut limits, word)?;
    Ok(text(&limits))
}

fn apply(limits: &mut Limits, word: &[u8]) -> Result<(), String> {
    if word.is_empty() {
        return Ok(());
    }
    let words: Vec<&[u8]> = word.split(|byte| *byte == b' ').collect();
    let (groups, rest) = words.as_chunks::<4>();
    if !rest.is_empty() {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    for [class, hard, soft, seconds] in groups {
        let class = class_index(class)
            .ok_or("Invalid client class specified in buffer limit configuration.")?;
        limits[class] = three(hard, soft, seconds).ok_or_else(|| {
            String::from(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
            )
        })?;
    }
    Ok(())
}

fn class_index(word: &[u8]) -> Option<usize> {
    let word = if is(word, "replica") { b"slave" } else { word };
    CLASSES.iter().position(|class| is(word, class))
}

fn three(hard: &[u8], soft: &[u8], seconds: &[u8]) -> Option<[u64; 3]> {
    let seconds = u64::try_from(parse_i64(seconds)?).ok()?;
    Some([memory_bytes(hard)?, memory_bytes(soft)?, seconds])
}

fn text(limits: &Limits) -> Vec<u8> {
    let mut text = Vec::new();
    for (class, limits) in CLASSES.iter().zip(limits) {
        if !text.is_empty() {
            text.push(b' ');
        }
        text.extend_from_slice(class.as_bytes());
        for limit in limits {
            text.push(b' ');
            push_u64(&mut text, *limit);
        }
    }
    text
}
