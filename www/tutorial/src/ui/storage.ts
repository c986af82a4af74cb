/** localStorage that may be absent, full or hold nonsense: reading falls back, writing is a try. */

/** Reads JSON; `fallback` when there is none, or none that `accepts` takes. */
export function load<T>(key: string, accepts: (value: unknown) => value is T, fallback: T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return accepts(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

/** Writes JSON; in private windows and when storage is full the page goes on without memory. */
export function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}
