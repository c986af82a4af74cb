//! CRC-64 as Redis uses it: the polynomial that Jones chose, reflected, nothing inverted.

const POLYNOMIAL: u64 = 0x95ac_9329_ac4b_c9b5;

/// What four bits shifted out leave behind: two steps a byte instead of a table of 2 KiB.
const NIBBLES: [u64; 16] = nibbles();

const fn nibbles() -> [u64; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let mut crc = index as u64;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

/// The checksum of `bytes`.
pub(super) fn crc64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |crc, &byte| {
        let crc = crc ^ u64::from(byte);
        let crc = crc >> 4 ^ NIBBLES[crc as usize & 15];
        crc >> 4 ^ NIBBLES[crc as usize & 15]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_polynomial() {
        assert_eq!(crc64(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
        assert_eq!(crc64(b""), 0);
    }
}
