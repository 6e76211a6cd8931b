/** jks-js has no types for this file, and its index loses certificates that have no alias of their own. */
declare module 'jks-js/lib/keystore/PKCS12Parser.js' {
  export interface Pkcs12Bag {
    readonly attributes: Readonly<Record<string, readonly string[]>>;
  }

  // eslint-disable-next-line import-x/no-default-export -- it is what the file of somebody else exports
  export default class PKCS12Parser {
    constructor(bytes: Buffer, password: string);
    parse(): readonly Pkcs12Bag[];
    toPem(
      bags: readonly Pkcs12Bag[],
    ): Readonly<
      Record<string, { readonly key?: string; readonly cert?: string; readonly ca?: string }>
    >;
  }
}
