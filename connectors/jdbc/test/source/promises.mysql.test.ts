import { describe } from '@jest/globals';
import { openMysql } from './databases.ts';
import { sourcePromises } from './promises.ts';

describe('the JDBC source on MariaDB', () => sourcePromises(() => openMysql('mariadb')));
describe('the JDBC source on MySQL', () => sourcePromises(() => openMysql('mysql')));
