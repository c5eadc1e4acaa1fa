/**
 * What may stand in the raw log: enough to follow a case, nothing that names a person or opens a
 * door. References, states and amounts stay.
 */

const hiddenKeys = new Set([
  'openid',
  'payer_client_ip',
  'user_received_account',
  'ciphertext',
  'encrypt_certificate',
  'name',
  'nonce',
  'associated_data',
]);
const maxLength = 8_192;

/** Keeps the last four characters of an account number. */
export function maskNumber(text: string): string {
  return text.length <= 8 ? '****' : `****${text.slice(-4)}`;
}

/** Keeps the first character of a name: 张** and T**. */
export function maskName(text: string): string {
  const [first = ''] = text;
  return `${first}**`;
}

function cut(text: string): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

function maskValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      hiddenKeys.has(key) ? '***' : maskValue(inner),
    ]),
  );
}

/** Masks a JSON message by the names of its fields. What is not JSON is replaced by its size. */
export function maskJson(text: string): string {
  if (text === '') return '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What it is cannot be told, so none of it is shown.
    return `(${text.length} characters, not JSON)`;
  }
  return cut(JSON.stringify(maskValue(value)));
}

/** Masks an ISO 20022 message: names, account numbers and free text. */
export function maskXml(text: string): string {
  const masked = text
    .replace(/<Nm>([^<]*)<\/Nm>/g, (_whole, name: string) => `<Nm>${maskName(name)}</Nm>`)
    .replace(
      /(<Othr>\s*<Id>)([^<]*)(<\/Id>)/g,
      (_whole, open: string, id: string, close: string) => `${open}${maskNumber(id)}${close}`,
    )
    .replace(/<IBAN>([^<]*)<\/IBAN>/g, (_whole, id: string) => `<IBAN>${maskNumber(id)}</IBAN>`)
    .replace(
      /(<Ref>)([0-9]{12,})(<\/Ref>)/g,
      (_whole, open: string, id: string, close: string) => `${open}${maskNumber(id)}${close}`,
    )
    .replace(/<Ustrd>[^<]*<\/Ustrd>/g, '<Ustrd>***</Ustrd>')
    .replace(/<AdrLine>[^<]*<\/AdrLine>/g, '<AdrLine>***</AdrLine>');
  return cut(masked);
}

/** Masks a message of either kind. */
export function maskMessage(text: string): string {
  return text.trimStart().startsWith('<') ? maskXml(text) : maskJson(text);
}
