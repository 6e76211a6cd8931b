/** What Java spells out in an RFC 2253 name; everything else it writes as a number with the encoded value. */
const EMAIL_OID = '1.2.840.113549.1.9.1';
const IA5_STRING = 0x16;

/**
 * The name in a certificate as Java's X500Principal gives it, so that ACLs written for Kafka hold: the last part first,
 * commas between. Node gives one part a line, the first part first, escaped as RFC 2253 wants.
 */
export function distinguishedName(subject: string): string {
  return subject
    .split('\n')
    .filter((line) => line !== '')
    .reverse()
    .map((line) =>
      line
        .split(/(?<!\\) \+ /)
        .map(javaAttribute)
        .join('+'),
    )
    .join(',');
}

function javaAttribute(text: string): string {
  const equals = text.indexOf('=');
  if (text.slice(0, equals) !== 'emailAddress') return text;
  const value = Buffer.from(text.slice(equals + 1).replace(/\\(.)/g, '$1'), 'latin1');
  if (value.byteLength > 127) return text;
  const encoded = Buffer.from([IA5_STRING, value.byteLength, ...value]).toString('hex');
  return `${EMAIL_OID}=#${encoded}`;
}
