//! The idempotent ID that IDMPAUTO makes of fields and values.

use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_128;

use super::args::Args;

/// 16 bytes that equal fields and values have in common, in Redis as well: XXH3 of each pair,
/// summed and mixed so that the order of the pairs does not matter.
pub(super) fn of_fields(fields: Args<'_>) -> [u8; 16] {
    let (mut sum, mut xor) = ([0_u64; 2], [0_u64; 2]);
    let mut pair = Vec::new();
    for index in (0..fields.len()).step_by(2) {
        let field = fields.get(index).unwrap_or_default();
        pair.clear();
        pair.extend_from_slice(field);
        pair.extend_from_slice(&(field.len() as u64).to_le_bytes());
        pair.extend_from_slice(fields.get(index + 1).unwrap_or_default());
        let hash = xxh3_128(&pair);
        for (half, value) in [hash as u64, (hash >> 64) as u64].into_iter().enumerate() {
            sum[half] = sum[half].wrapping_add(value);
            xor[half] ^= value;
        }
    }
    let low = sum[0] ^ xor[1].rotate_left(1);
    let high = sum[1] ^ xor[0].rotate_left(1);
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn of(words: &[&str]) -> u128 {
        let text = words.concat();
        let mut end = 0;
        let spans: Vec<Span> = words
            .iter()
            .map(|word| {
                let start = end;
                end += word.len() as u32;
                Span { start, end }
            })
            .collect();
        u128::from_be_bytes(of_fields(Args::new(text.as_bytes(), &spans)))
    }

    /// What Redis 8.10.2 makes of the same pairs.
    #[test]
    fn fingerprints_are_those_of_redis() {
        assert_eq!(of(&["a", "2"]), 0x24e5_42a5_5e77_b8da_287e_caee_eab6_74a2);
        assert_eq!(of(&["f", "v"]), 0x6e95_729e_e727_f081_4aed_ffba_5573_0079);
        assert_eq!(of(&["a", "1", "b", "2"]), 0xc5b2_8293_5f77_a531_23e1_ff7a_302a_11f2);
        assert_eq!(of(&["b", "2", "a", "1"]), 0xc5b2_8293_5f77_a531_23e1_ff7a_302a_11f2);
        assert_eq!(of(&["a", "1", "a", "1"]), 0x7cd8_8478_6884_2eaf_3c27_06c3_f301_a55b);
        assert_eq!(of(&["", ""]), 0x1a9f_7ebb_aea1_d61d_30b6_b8da_a3e3_8da7);
    }
}
