import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { ListenerValues } from './listeners.ts';
import { clientAuthOptions } from '../security/tls-material.ts';

export interface TlsAcceptorOptions {
  readonly material: SecureContextOptions;
  readonly values: ListenerValues;
  readonly handshakeMsMax: number;
  readonly onSecure: (socket: TLSSocket) => void;
  /** A handshake that failed; its connection is closed. `reason` is OpenSSL's. */
  readonly onFailed: (remoteAddress: string | undefined, reason: string) => void;
}

/** Makes TLS connections of plain ones that somebody else accepts and counts. */
export class TlsAcceptor {
  readonly #server: Server;

  constructor({ material, values, handshakeMsMax, onSecure, onFailed }: TlsAcceptorOptions) {
    this.#server = createServer({
      ...material,
      ...clientAuthOptions(values),
      handshakeTimeout: handshakeMsMax,
    });
    this.#server.on('secureConnection', (socket) => {
      // `requested` lets in who shows nothing, but not who shows something that nobody signed.
      const mode = values['ssl.client.auth'];
      const isStranger = mode === 'requested' && !socket.authorized && hasCertificate(socket);
      if (isStranger) {
        onFailed(socket.remoteAddress, 'the certificate of the client is not trusted');
        socket.destroy();
        return;
      }
      onSecure(socket);
    });
    this.#server.on('tlsClientError', (error, socket) => {
      onFailed(socket.remoteAddress, error.message);
      socket.destroy();
    });
  }

  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** Connections that are made from now on use these; those that exist stay. */
  update(material: SecureContextOptions): void {
    this.#server.setSecureContext(material);
  }
}

function hasCertificate(socket: TLSSocket): boolean {
  return socket.getPeerX509Certificate() !== undefined;
}
