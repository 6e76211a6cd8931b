/**
 * Lets `instanceof` hold for objects that another copy of the package made: a plugin may have brought its own, and its
 * errors and decimals are ours all the same. Subclasses that don't ask for it keep the ordinary meaning.
 */
export function acrossCopies(constructor: { readonly prototype: object }, name: string): void {
  const brand = Symbol.for(`@millrace/${name}`);
  Object.defineProperty(constructor.prototype, brand, { value: true });
  Object.defineProperty(constructor, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return this === constructor
        ? typeof value === 'object' && value !== null && brand in value
        : ordinary.call(this, value);
    },
  });
}

const ordinary: (this: unknown, value: unknown) => boolean = Function.prototype[Symbol.hasInstance];
