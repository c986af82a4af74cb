//! EXEC: the queued commands, one after another, at one instant.

use super::Engine;
use crate::command::table::COMMANDS;
use crate::reply::Writer;
use crate::state::{SessionId, Transaction};
use crate::time::UnixMillis;

impl Engine {
    /// Runs a transaction. Reads in it do not wait; who waits is served after the last command.
    pub(super) fn execute(
        &mut self,
        now: UnixMillis,
        id: SessionId,
        transaction: &Transaction,
        out: &mut Writer,
    ) {
        out.array(transaction.queued.len());
        for arguments in &transaction.queued {
            match COMMANDS.find(arguments.words()) {
                Ok(found) => {
                    self.run(now, id, found, arguments.words(), out, false);
                }
                Err(error) => out.error(&error),
            }
        }
    }
}
