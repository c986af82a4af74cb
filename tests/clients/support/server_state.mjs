/** What a server says of itself, read from the texts of INFO and CLIENT. */

/** The lines `name:value` of INFO, or the words `name=value` of CLIENT INFO. */
export function fieldsOf(text) {
  const fields = [...text.matchAll(/^([\w-]+):([^\r\n]*)|([\w-]+)=(\S*)/gm)];
  return Object.fromEntries(fields.map(([, a, b, c, d]) => [a ?? c, b ?? d]));
}

/** Whether at least `count` connections wait in a blocking command. */
export async function isBlocked(client, count = 1) {
  return Number(fieldsOf(await client.info('clients')).blocked_clients) >= count;
}
