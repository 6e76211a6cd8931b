/** The version that events and the plugin list name. */
export const VERSION = '0.1.0';
