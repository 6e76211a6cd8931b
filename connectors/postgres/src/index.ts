export { fields as postgresFields } from './fields.ts';
export { postgresSource } from './connector.ts';
