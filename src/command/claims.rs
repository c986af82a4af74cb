//! What a delivery or a claim looks like as an effect.

use super::context::Context;
use crate::id::EntryId;
use crate::time::UnixMillis;

/// A pending entry after it changed hands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub id: EntryId,
    pub at: UnixMillis,
    pub count: u64,
}

/// Whose deliveries are recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipient<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub consumer: &'a [u8],
}

/// `XCLAIM key group consumer 0 id [id …] TIME t RETRYCOUNT n FORCE JUSTID LASTID id`, one for each
/// run of deliveries with the same time and count: a delivery of many entries is one effect.
pub(super) fn record(
    ctx: &mut Context<'_>,
    recipient: Recipient<'_>,
    deliveries: &[Delivery],
    last_delivered_id: EntryId,
) {
    if !ctx.effects.enabled() {
        return;
    }
    for run in deliveries.chunk_by(|a, b| (a.at, a.count) == (b.at, b.count)) {
        let Some(mut effect) = ctx.effects.begin(ctx.db, 13 + run.len()) else { return };
        effect.word(b"XCLAIM").word(recipient.key).word(recipient.group);
        effect.word(recipient.consumer).word(b"0");
        for delivery in run {
            effect.id(delivery.id);
        }
        effect.word(b"TIME").integer(run[0].at);
        effect.word(b"RETRYCOUNT").integer(run[0].count as i64);
        effect.word(b"FORCE").word(b"JUSTID").word(b"LASTID").id(last_delivered_id);
    }
}
