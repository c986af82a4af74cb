/** Entry IDs as text: which comes first. */

/** For `sort`: negative when `one` is before `other`. */
export function compareIds(one: string, other: string): number {
  const [ms, seq] = parts(one);
  const [otherMs, otherSeq] = parts(other);
  if (ms !== otherMs) return ms < otherMs ? -1 : 1;
  return seq === otherSeq ? 0 : seq < otherSeq ? -1 : 1;
}

function parts(id: string): [bigint, bigint] {
  const [ms = '0', seq = '0'] = id.split('-');
  return [BigInt(ms), BigInt(seq)];
}
