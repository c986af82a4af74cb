/** What browsers throw, in the words of the contract. */
import { StoreError, StoreFullError } from '../errors.js';

/** Whether there was no room: a quota, or the disk. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof StoreFullError || nameOf(error) === 'QuotaExceededError';
}

/** The error for a caller of a store, with what the browser said as its cause. */
export function storeError(place: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const said = cause instanceof Error || isDomException(cause) ? cause.message : String(cause);
  return new StoreError(`${place}: ${nameOf(cause) ?? 'Error'}: ${said}`, { cause });
}

/** A frame that found no room. */
export function fullError(place: string, cause: unknown): StoreFullError {
  return new StoreFullError(`${place}: there is no room left: the quota, or the disk`, { cause });
}

/** The name of an exception: what tells those of browsers apart. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof Error || isDomException(error) ? error.name : undefined;
}

function isDomException(error: unknown): error is DOMException {
  return typeof DOMException === 'function' && error instanceof DOMException;
}
