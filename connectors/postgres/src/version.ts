/** Of this connector, as in `package.json`; also the `version` of the source block. */
export const VERSION = '0.1.0';
