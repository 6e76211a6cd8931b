/** The newest versions in which topics have names; later ones know ids alone (KIP-516). */
export const PRODUCE_NAMES_VERSION_MAX = 12;
export const FETCH_NAMES_VERSION_MAX = 12;
