/** A type of the server's catalogue, as far as values need it. */
export interface PostgresType {
  readonly oid: number;
  readonly name: string;
  /** `b` base, `c` composite, `d` domain, `e` enum, `p` pseudo, `r` range, `m` multirange */
  readonly kind: string;
  /** Of arrays only; else 0. */
  readonly elementOid: number;
  /** Of domains only; else 0. */
  readonly baseOid: number;
  readonly baseModifier: number;
  readonly delimiter: string;
  /** Of enums only, in the order of the type. */
  readonly labels: readonly string[];
}

export interface TypeCatalog {
  find(oid: number): PostgresType | undefined;
}
