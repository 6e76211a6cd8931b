import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What Node's parser says of a request, and what that is to a client; anything else is a 400. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What HTTP calls a request, of whatever method. */
const REQUEST_LINE = /^[A-Za-z-]+ \S+ HTTP\/1\.[01]\r?\n/;

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** What is no HTTP, or of a method that HTTP does not have, is refused in JSON as everything else is. */
export function answerUnreadableRequests(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => latest.set(request.socket, response));
  server.on('clientError', (error: ParserError, socket: Duplex) => {
    const response = latest.get(socket);
    // In the midst of another answer nobody could tell the two apart.
    const isBetween = response === undefined || !response.headersSent || response.writableFinished;
    if (socket.writable && isBetween && error.code !== 'ECONNRESET')
      socket.write(answerOf(statusOf(error)));
    socket.destroy();
  });
}

function statusOf({ code = '', rawPacket }: ParserError): number {
  if (code !== 'HPE_INVALID_METHOD') return STATUSES[code] ?? 400;
  return REQUEST_LINE.test(rawPacket?.toString('latin1') ?? '') ? 405 : 400;
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
