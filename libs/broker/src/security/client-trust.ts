import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions, TLSSocket } from 'node:tls';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** No chain of certificates is longer. */
const CHAIN_MAX = 10;

interface PartialChain {
  readonly raw?: Buffer;
  readonly issuerCertificate?: PartialChain;
}

/**
 * Whether a certificate of the trust store signed that of the client. Node asks this itself, but it counts what lies in
 * a PKCS12 key store, the authority of the broker's own certificate, as trusted too.
 */
export class ClientTrust {
  readonly #authorities: readonly X509Certificate[];
  readonly #isNeeded: boolean;

  constructor({ ca, pfx }: SecureContextOptions) {
    const text = typeof ca === 'string' ? ca : '';
    this.#authorities = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
    this.#isNeeded = pfx !== undefined;
  }

  vouchesFor(socket: TLSSocket): boolean {
    if (!this.#isNeeded || socket.getPeerX509Certificate() === undefined) return true;
    // Node's types leave out that the chain may end without an issuer.
    let shown: PartialChain | undefined = socket.getPeerCertificate(true);
    for (let depth = 0; depth < CHAIN_MAX && shown?.raw !== undefined; depth += 1) {
      if (this.#isSignedHere(new X509Certificate(shown.raw))) return true;
      const issuer: PartialChain | undefined = shown.issuerCertificate;
      // The last of a chain names itself.
      if (issuer === shown) return false;
      shown = issuer;
    }
    return false;
  }

  #isSignedHere(certificate: X509Certificate): boolean {
    return this.#authorities.some(
      (authority) =>
        authority.raw.equals(certificate.raw) ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    );
  }
}
