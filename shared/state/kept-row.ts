/**
 * A row of the user's that an operator keeps, with the version of the code that gave it; those of version 1 are kept as
 * they are. A class, so that nothing of the user's own is ever taken for one.
 */
export class KeptRow {
  readonly version: number;
  readonly value: unknown;

  constructor(version: number, value: unknown) {
    this.version = version;
    this.value = value;
  }
}
