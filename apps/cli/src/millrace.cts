#!/usr/bin/env node
// The entry of the installed command. It is CommonJS, since Node.js reads ES modules with its thread pool, and the
// size of the pool is fixed at its first use: here is the only place early enough to choose it. Four threads, the
// default, are few for the log's writes and fsyncs beside the DNS look-ups and compression of connectors.
process.env['UV_THREADPOOL_SIZE'] ??= '16';
void import('./main.ts');
