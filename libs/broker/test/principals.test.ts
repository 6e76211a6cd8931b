import { expect, test } from '@jest/globals';
import { distinguishedName } from '../src/security/distinguished-name.ts';
import { parseJaas } from '../src/security/jaas.ts';
import { parsePrincipalMapping } from '../src/security/principal-mapping.ts';
import { opensslCipherName } from '../src/security/cipher-names.ts';

test('names in certificates are those that Java gives', () => {
  // The right-hand side is what Java's X500Principal.getName() said of the same certificate.
  expect(
    distinguishedName('C=DE\nST=Berlin\nL=X \\"Y\\"\nO=Mill\\, Race\nOU=a\nemailAddress=a@b.c'),
  ).toBe('1.2.840.113549.1.9.1=#16056140622e63,OU=a,O=Mill\\, Race,L=X \\"Y\\",ST=Berlin,C=DE');
  expect(distinguishedName('CN=a + OU=b\nO=c')).toBe('O=c,CN=a+OU=b');
});

test.each([
  ['DEFAULT', 'CN=Duke,OU=Service', 'CN=Duke,OU=Service'],
  ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/', 'CN=duke,OU=ServiceUsers,O=Org', 'duke'],
  ['RULE:^CN=(.*?),OU=(.*?),O=(.*?)$/$1@$2/L,DEFAULT', 'CN=Duke,OU=SVC,O=Org', 'duke@svc'],
  ['RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U', 'OU=x,CN=Duke,O=y', 'DUKE'],
  ['RULE:^CN=(.*?)$/$1/,DEFAULT', 'O=other', 'O=other'],
  ['RULE:^CN=(.*?)$/$1/', 'O=other', undefined],
  ['RULE:^cn=(.*)\\/x$/$1/', 'cn=a/x', 'a'],
])('the rules %s make of %s %s', (rules, name, wanted) => {
  const mapping = parsePrincipalMapping(rules);
  if (typeof mapping !== 'function') throw new Error(mapping.problem);
  expect(mapping(name)).toBe(wanted);
});

test('rules that can not be are refused', () => {
  expect(parsePrincipalMapping('RULE:(/x/')).toHaveProperty('problem');
  expect(parsePrincipalMapping('NONSENSE')).toHaveProperty('problem');
});

test('JAAS configurations are read as Java reads them, and problems repeat no password', () => {
  const read = parseJaas('a.b.C required user_x="p;\\"=q" debug=true two=\'z z\' ;');
  expect(read).toEqual({
    loginModule: 'a.b.C',
    options: new Map([
      ['user_x', 'p;"=q'],
      ['debug', 'true'],
      ['two', 'z z'],
    ]),
  });
  for (const text of [
    '',
    'C',
    'C required',
    'C required a="hush"',
    'C required a="hush',
    'C required a hush;',
    'C required = hush;',
    'C user_a="hush";',
  ]) {
    const problem = parseJaas(text);
    expect([text, 'problem' in problem]).toEqual([text, true]);
    expect(JSON.stringify(problem)).not.toContain('hush');
  }
});

test('cipher suites are known under the names of Java and of OpenSSL', () => {
  expect(opensslCipherName('TLS_AES_256_GCM_SHA384')).toBe('TLS_AES_256_GCM_SHA384');
  expect(opensslCipherName('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')).toBe(
    'ECDHE-RSA-AES128-GCM-SHA256',
  );
  expect(opensslCipherName('TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256')).toBe(
    'ECDHE-RSA-CHACHA20-POLY1305',
  );
  expect(opensslCipherName('TLS_DHE_RSA_WITH_AES_256_CBC_SHA256')).toBe('DHE-RSA-AES256-SHA256');
  expect(opensslCipherName('TLS_NOTHING')).toBeUndefined();
});
