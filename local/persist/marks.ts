/** A change of a mark. */
export type MarkChange =
  | {
      readonly service: "marks";
      readonly operation: "Set";
      readonly input: readonly [name: string, value: unknown];
    }
  | { readonly service: "marks"; readonly operation: "Delete"; readonly input: string };

/** Values by name, of whatever is no model: how far a mapping has read, when a schedule was due. */
export class Marks {
  readonly #note: (change: MarkChange) => void;
  readonly #values = new Map<string, unknown>();

  constructor(note: (change: MarkChange) => void) {
    this.#note = note;
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** @param value - nobody changes it afterwards */
  set(name: string, value: unknown): void {
    this.#values.set(name, value);
    this.#note({ service: "marks", operation: "Set", input: [name, value] });
  }

  delete(name: string): void {
    if (this.#values.delete(name)) this.#note({ service: "marks", operation: "Delete", input: name });
  }

  replay(operation: string, input: unknown): void {
    if (operation === "Delete") this.#values.delete(String(input));
    else {
      const [name, value] = input as readonly [string, unknown];
      this.#values.set(name, value);
    }
  }

  save(): ReadonlyMap<string, unknown> {
    return new Map(this.#values);
  }

  restore(saved: unknown): void {
    for (const [name, value] of saved as ReadonlyMap<string, unknown>) this.#values.set(name, value);
  }
}
