/** Parameters whose values are secret wherever they occur. */
const SECRET_PARAMETERS = new Set([
  'password',
  'cipassword',
  'otp',
  'tfa-challenge',
  'ticket',
  'vncticket',
  'secret',
  'token',
  'encryption-key',
  'master-pubkey',
  'key',
  'confirmation-password',
  'new-password',
]);

/** What a secret is replaced by. */
export const REDACTED = '[redacted]';

/** The values among `parameters` that no text may show. */
export function secretsOf(parameters: Readonly<Record<string, unknown>>): string[] {
  const secrets: string[] = [];
  for (const name in parameters) {
    const value = parameters[name];
    if (typeof value === 'string' && SECRET_PARAMETERS.has(name)) secrets.push(value);
  }
  return secrets;
}

/** Replaces every secret in a text, also in its URL-encoded form. Values shorter than four characters are left: they occur by chance. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length < 4) continue;
    redacted = redacted.replaceAll(secret, REDACTED);
    const encoded = encodeURIComponent(secret);
    if (encoded !== secret) redacted = redacted.replaceAll(encoded, REDACTED);
  }
  return redacted;
}
