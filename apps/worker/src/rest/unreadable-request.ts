import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What Node's parser says of a request, and what that is to a client; anything else is a 400. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_INVALID_METHOD: 405,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What is no HTTP, or of a method that HTTP does not have, is refused in JSON as everything else is. */
export function answerUnreadableRequests(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => latest.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const response = latest.get(socket);
    // In the midst of another answer nobody could tell the two apart.
    const isBetween = response === undefined || !response.headersSent || response.writableFinished;
    if (socket.writable && isBetween && error.code !== 'ECONNRESET')
      socket.write(answerOf(STATUSES[error.code ?? ''] ?? 400));
    socket.destroy();
  });
}

function answerOf(status: number): string {
  const reason = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ error_code: status, message: `HTTP ${status} ${reason}` });
  return [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
