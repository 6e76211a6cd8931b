import { expect, test } from '@jest/globals';
import { systemRandom, type Random } from '@millrace/foundation';
import { authenticate } from '../src/sasl.ts';

// The exchange of RFC 7677, section 3.
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_FIRST = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';
const random: Random = { ...systemRandom, nextBytes: () => Buffer.from(NONCE, 'base64') };
const sasl = { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' } as const;

async function run(answers: readonly string[]): Promise<string[]> {
  const sent: string[] = [];
  await authenticate(sasl, random, (bytes) => {
    sent.push(Buffer.from(bytes).toString());
    return Promise.resolve(Buffer.from(answers[sent.length - 1] ?? ''));
  });
  return sent;
}

test('SCRAM-SHA-256 says what RFC 7677 says', async () => {
  expect(await run([SERVER_FIRST, SERVER_FINAL])).toEqual([
    `n,,n=user,r=${NONCE}`,
    `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  ]);
});

test.each([
  ['another nonce', [SERVER_FIRST.replace('rOpr', 'xOpr'), SERVER_FINAL]],
  ['too few iterations', [SERVER_FIRST.replace('i=4096', 'i=1'), SERVER_FINAL]],
  ['hours of iterations', [SERVER_FIRST.replace('i=4096', 'i=4096000000'), SERVER_FINAL]],
  ['a wrong proof of the server', [SERVER_FIRST, 'v=AAAA']],
  ['an error', [SERVER_FIRST, 'e=invalid-proof']],
  ['nothing', ['', '']],
])('SCRAM fails for good on %s', async (_what, answers) => {
  await expect(run(answers)).rejects.toMatchObject({
    code: 'client.authentication_failed',
    retry: 'fatal',
  });
});
