/** What a server has no word for, in words. */
import type { ExportLosses } from '../storage/export.js';
import { countText } from './text.js';

/** One sentence for each kind of loss. */
export function lossesText({ givenBack, idempotentIds }: ExportLosses, server: string): string[] {
  const texts: string[] = [];
  if (givenBack > 0) {
    const entries = countText(givenBack, 'pending entry', 'pending entries');
    texts.push(
      `Given back by XNACK, which ${server} has not: ${entries}, now of the consumer with the ` +
        'empty name. XAUTOCLAIM takes what is there, and the delivery counts are kept',
    );
  }
  if (idempotentIds > 0) {
    texts.push(`Left out, since ${server} has none: ${countText(idempotentIds, 'idempotent ID')}`);
  }
  return texts;
}
