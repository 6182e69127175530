import { ServiceError } from "../service-error.ts";

/** A conditional write that has begun and whose body is still on its way. */
export type PendingWrite = {
  /** Throws ConditionalRequestConflict (409) where its object was deleted since it began. */
  check(): void;
  /** Must be called once the write is over, however it went. */
  end(): void;
};

/**
 * The conditional writes under way in a bucket. A delete that succeeds before one of them completes makes it fail with
 * a conflict, whatever the key holds by then.
 * Source: "Conditional write behavior", Amazon S3 User Guide.
 */
export class PendingWrites {
  readonly #byKey = new Map<string, Set<{ isBeaten: boolean }>>();

  begin(key: string): PendingWrite {
    const write = { isBeaten: false };
    const others = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, others.add(write));
    return {
      check: () => {
        if (write.isBeaten)
          throw new ServiceError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            409,
            { Key: key },
          );
      },
      end: () => {
        others.delete(write);
        if (others.size === 0 && this.#byKey.get(key) === others) this.#byKey.delete(key);
      },
    };
  }

  deleted(key: string): void {
    for (const write of this.#byKey.get(key) ?? []) write.isBeaten = true;
  }
}
