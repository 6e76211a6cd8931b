/** An option of the login module in `sasl.jaas.config`. */
export function jaasOption(jaas: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`).exec(jaas);
  return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
}

/** Options `extension_NAME="…"`: what goes with the token (KIP-342). */
export function jaasExtensions(jaas: string): Readonly<Record<string, string>> {
  const names = [...jaas.matchAll(/\bextension_([A-Za-z]+)\s*=/g)].map(([, name]) => name ?? '');
  return Object.fromEntries(
    names.map((name) => [name, jaasOption(jaas, `extension_${name}`) ?? '']),
  );
}
