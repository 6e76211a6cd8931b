export { fileSink, fileSource } from './connectors.ts';
