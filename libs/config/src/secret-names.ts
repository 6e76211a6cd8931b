const SECRET_NAME =
  /passw|pasword|passphrase|secret|token|credential|jaas|user\.info|keystore\.key|private\.key|api[._-]?key/i;

/** Whether a key is called like a secret, for keys that nobody declared. */
export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key);
}
