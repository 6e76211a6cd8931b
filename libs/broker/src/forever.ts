/** Java's Long.MAX_VALUE, rounded: never, or without a limit. */
export const FOREVER = 9_223_372_036_854_775_807;
