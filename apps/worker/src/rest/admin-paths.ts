import type { RequestListener } from 'node:http';

const ADMIN = /^\/admin(?:\/|\?|$)/;
const NOT_FOUND = JSON.stringify({ error_code: 404, message: 'HTTP 404 Not Found' });

/** `admin.listeners`: its paths are served there alone, and nothing else is. */
export function onlyAdmin(handler: RequestListener): RequestListener {
  return (request, response) => {
    if (ADMIN.test(request.url ?? '')) handler(request, response);
    else answerNotFound(response);
  };
}

export function withoutAdmin(handler: RequestListener): RequestListener {
  return (request, response) => {
    if (ADMIN.test(request.url ?? '')) answerNotFound(response);
    else handler(request, response);
  };
}

function answerNotFound(response: Parameters<RequestListener>[1]): void {
  response.writeHead(404, { 'Content-Type': 'application/json' });
  response.end(NOT_FOUND);
}
