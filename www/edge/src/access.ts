/** Who may come in: whoever has the token. */

/** Whether a request carries the token. Without one nobody may. */
export async function mayEnter(request: Request, token: string | undefined): Promise<boolean> {
  const [scheme, given] = (request.headers.get('authorization') ?? '').split(' ', 2);
  if (!token || !given || scheme?.toLowerCase() !== 'bearer') return false;
  const [one, other] = await Promise.all([digest(given), digest(token)]);
  return crypto.subtle.timingSafeEqual(one, other);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
}
