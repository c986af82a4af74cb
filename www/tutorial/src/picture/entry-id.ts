/** Entry IDs: their order, and how a long one is shortened without becoming ambiguous. */

/** Negative, zero or positive as `one` comes before, at or after `other`. */
export function compareIds(one: string, other: string): number {
  const [oneMs, oneSeq] = parts(one);
  const [otherMs, otherSeq] = parts(other);
  if (oneMs !== otherMs) return oneMs < otherMs ? -1 : 1;
  if (oneSeq === otherSeq) return 0;
  return oneSeq < otherSeq ? -1 : 1;
}

/** `1763779200123-0` is shown as `…200123-0`; the whole ID stays in the title. */
export function shortId(id: string): string {
  const [ms = '', seq = '0'] = id.split('-');
  return ms.length > 8 ? `…${ms.slice(-6)}-${seq}` : id;
}

function parts(id: string): [bigint, bigint] {
  const [ms = '0', seq = '0'] = id.split('-');
  return [BigInt(ms), BigInt(seq)];
}
