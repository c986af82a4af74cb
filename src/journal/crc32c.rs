//! CRC-32C (Castagnoli), eight bytes a step.

use alloc::boxed::Box;

/// The polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// Eight tables, made when the first journal is opened: in a module they would cost their full
/// eight kilobytes to load.
#[derive(Clone, Debug)]
pub(super) struct Crc32c {
    tables: Box<[[u32; 256]; 8]>,
}

impl Crc32c {
    pub(super) fn new() -> Self {
        let mut tables = Box::new([[0; 256]; 8]);
        for byte in 0..256_u32 {
            let mut crc = byte;
            for table in tables.iter_mut() {
                for _ in 0..8 {
                    crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ POLYNOMIAL };
                }
                table[byte as usize] = crc;
            }
        }
        Self { tables }
    }

    /// The checksum of some bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> u32 {
        let tables = &*self.tables;
        let mut crc = u32::MAX;
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let word: [u8; 8] = word.try_into().unwrap_or_default();
            let word = u64::from_le_bytes(word) ^ u64::from(crc);
            crc =
                (0..8).fold(0, |crc, at| crc ^ tables[7 - at][(word >> (8 * at)) as usize & 0xff]);
        }
        for &byte in words.remainder() {
            crc = tables[0][(crc ^ u32::from(byte)) as usize & 0xff] ^ crc >> 8;
        }
        !crc
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogue() {
        let crc = Crc32c::new();
        assert_eq!(crc.of(b"123456789"), 0xe306_9283);
        assert_eq!(crc.of(b""), 0);
        assert_eq!(crc.of(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc.of(&[0xff; 32]), 0x62a8_ab43);
        let ascending: [u8; 32] = core::array::from_fn(|at| at as u8);
        assert_eq!(crc.of(&ascending), 0x46dd_794e);
    }
}
