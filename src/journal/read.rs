//! Reads a journal file: whole frames and whole commands, each only once it is known to be good.

use alloc::vec::Vec;

use super::crc32c::Crc32c;
use super::frame::{Fault, Header, MARK, MAX_LINE, Place};
use crate::resp::{Decoder, Limits, Step};
use crate::time::UnixMillis;

/// What is wrong with a file. The state is as the journal was before that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Bytes that are no frame, no command and no comment; or a checksum that does not match.
    Corrupt,
    /// A frame is not the one that follows the last one: some are missing, or of an older epoch.
    OutOfOrder,
    /// The file ends within a frame, a command or a transaction where another file follows it, or
    /// a base does not say that it is whole.
    CutOff,
    /// A frame of a later version of this format, which is named.
    NewerFormat(u32),
    /// The file begins with a Redis snapshot (`aof-use-rdb-preamble yes`), which is not read.
    Snapshot,
    /// A command in it answered with an error.
    Refused,
}

/// Which kind of file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFile {
    /// The state at some place of the journal, in the fewest commands.
    Base,
    /// What happened since.
    Increment,
}

/// A run of commands that belongs to the journal as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub commands: &'a [u8],
    /// When it was written; `None` where no frame tells.
    pub at: Option<UnixMillis>,
}

/// Reads one file after another.
#[derive(Debug)]
pub(crate) struct Reader {
    crc: Crc32c,
    kind: JournalFile,
    /// Bytes from `start` of the file on that were not consumed.
    buffer: Vec<u8>,
    /// How many bytes of the buffer were consumed.
    at: usize,
    /// Offset in the file of the first byte of the buffer.
    start: u64,
    /// The epoch and the number of the last frame, of all files.
    epoch: u64,
    sequence: Option<u64>,
    /// The number of the next frame of a base; `None` when its end was read, or it has none.
    next_of_base: Option<u64>,
    decoder: Decoder,
    /// Where the transaction began that is being read, in the file.
    transaction: Option<u64>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            crc: Crc32c::new(),
            kind: JournalFile::Increment,
            buffer: Vec::new(),
            at: 0,
            start: 0,
            epoch: 0,
            sequence: None,
            next_of_base: None,
            decoder: Decoder::default(),
            transaction: None,
        }
    }

    /// Begins a file. The last one was ended.
    pub(crate) fn begin(&mut self, kind: JournalFile) {
        self.kind = kind;
        self.buffer.clear();
        (self.at, self.start) = (0, 0);
        self.next_of_base = None;
        self.decoder.reset();
        self.transaction = None;
    }

    /// The highest epoch that was read.
    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The number of the last frame, 0 before the first.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.unwrap_or(0)
    }

    /// Takes in the next bytes of the file.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Where in the file a piece or its damage begins.
    pub(crate) const fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// The next whole piece; `None` when more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Piece<'_>>, Damage> {
        loop {
            let rest = &self.buffer[self.at..];
            match rest.first() {
                None => return Ok(None),
                Some(b'*') => return self.command(),
                Some(b'#') => {}
                Some(b'R') if self.offset() == 0 => return Err(Damage::Snapshot),
                // Zeros are what a file system may leave of an append that a crash cut short.
                Some(0) if rest.iter().all(|&byte| byte == 0) => return Ok(None),
                Some(_) => return Err(Damage::Corrupt),
            }
            let Some(end) = rest.iter().take(MAX_LINE + 1).position(|&byte| byte == b'\n') else {
                let zeros = rest.iter().rev().take_while(|&&byte| byte == 0).count();
                let torn = rest.len() - zeros <= MAX_LINE;
                return if torn { Ok(None) } else { Err(Damage::Corrupt) };
            };
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            if line.starts_with(MARK) {
                let header = Header::parse(line, &self.crc).map_err(|fault| match fault {
                    Fault::Damaged => Damage::Corrupt,
                    Fault::Newer(version) => Damage::NewerFormat(version),
                })?;
                return self.frame(&header, end + 1);
            }
            // Redis writes no other comment, and one flipped bit would make ours such a one.
            if !line.starts_with(b"#TS:") {
                return Err(Damage::Corrupt);
            }
            self.at += end + 1;
        }
    }

    /// A command without a frame: a journal that Redis wrote. Those of a transaction come one by
    /// one; nothing of them happens before its EXEC.
    fn command(&mut self) -> Result<Option<Piece<'_>>, Damage> {
        let limits = Limits { max_bulk_len: u64::MAX, authenticated: true };
        let rest = &self.buffer[self.at..];
        let step = self.decoder.decode(rest, limits).map_err(|_| Damage::Corrupt)?;
        let Step::Request(len) = step else { return Ok(None) };
        let name = self.decoder.arguments(rest).get(0).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"multi") {
            self.transaction = Some(self.start + self.at as u64);
        } else if name.eq_ignore_ascii_case(b"exec") {
            self.transaction = None;
        }
        self.decoder.reset();
        let begin = self.at;
        self.at += len;
        Ok(Some(Piece { commands: &self.buffer[begin..begin + len], at: None }))
    }

    /// A frame whose payload begins `skip` bytes on.
    fn frame(&mut self, header: &Header, skip: usize) -> Result<Option<Piece<'_>>, Damage> {
        let begin = self.at + skip;
        let end = begin.checked_add(header.len).ok_or(Damage::Corrupt)?;
        let Some(payload) = self.buffer.get(begin..end) else { return Ok(None) };
        if self.crc.of(payload) != header.crc {
            // No frame ends in zeros; a file that was made longer before it was written does.
            let torn = payload.ends_with(&[0; 2]) && self.buffer[end..].iter().all(|&it| it == 0);
            return if torn { Ok(None) } else { Err(Damage::Corrupt) };
        }
        self.follow(header)?;
        self.at = end;
        Ok(Some(Piece { commands: &self.buffer[begin..end], at: Some(header.at) }))
    }

    /// Checks that a frame is the one that comes next.
    fn follow(&mut self, header: &Header) -> Result<(), Damage> {
        if header.epoch < self.epoch {
            return Err(Damage::OutOfOrder);
        }
        match (self.kind, header.place) {
            (JournalFile::Increment, Place::Journal(sequence)) => {
                if self.sequence.is_some_and(|last| sequence != last + 1) {
                    return Err(Damage::OutOfOrder);
                }
                self.sequence = Some(sequence);
            }
            (JournalFile::Base, Place::Base(index)) => {
                let expected = if self.offset() == 0 { Some(0) } else { self.next_of_base };
                if expected != Some(index) {
                    return Err(Damage::OutOfOrder);
                }
                self.next_of_base = Some(index + 1);
            }
            (JournalFile::Base, Place::BaseEnd(sequence)) => {
                self.sequence = Some(sequence);
                self.next_of_base = None;
            }
            _ => return Err(Damage::OutOfOrder),
        }
        self.epoch = header.epoch;
        Ok(())
    }

    /// Ends a file. Returns at which offset its good part ends and how many bytes lie behind it;
    /// there may only be some in the `last` file of a journal.
    pub(crate) fn end(&mut self, last: bool) -> Result<(u64, u64), Damage> {
        let end = self.start + self.buffer.len() as u64;
        let good = self.transaction.unwrap_or(self.offset());
        let whole_base = self.kind != JournalFile::Base || self.next_of_base.is_none();
        if (good == end || last && self.kind == JournalFile::Increment) && whole_base {
            Ok((good, end - good))
        } else {
            Err(Damage::CutOff)
        }
    }
}
