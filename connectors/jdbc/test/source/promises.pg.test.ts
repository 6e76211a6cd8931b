import { describe } from '@jest/globals';
import { openPostgres } from './databases.ts';
import { sourcePromises } from './promises.ts';

describe('the JDBC source on PostgreSQL', () => sourcePromises(openPostgres));
