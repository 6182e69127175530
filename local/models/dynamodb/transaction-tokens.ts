import { isDeepStrictEqual } from "node:util";
import type { DurationMs, EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { TransactWriteItemsInput } from "./dynamodb-api.ts";

const TOKEN_LIFETIME = 600_000 as DurationMs;

/** What the items of a transaction were, for the bill of a repetition. */
export type ItemImage = { readonly table: string; readonly bytes: number };

export type DoneTransaction = {
  readonly input: TransactWriteItemsInput;
  readonly images: readonly ItemImage[];
  readonly at: EpochMs;
};

/** The transactions that were done and whose client tokens are remembered: for ten minutes, as DynamoDB does. */
export class TransactionTokens {
  readonly #done = new Map<string, DoneTransaction>();

  /**
   * The items of this very transaction where it was done before. Throws IdempotentParameterMismatchException where
   * its token was another transaction's.
   */
  imagesOf(input: TransactWriteItemsInput, now: EpochMs): readonly ItemImage[] | undefined {
    for (const [token, { at }] of this.#done) {
      if (now - at < TOKEN_LIFETIME) break;
      this.#done.delete(token);
    }
    const { ClientRequestToken: token } = input;
    const known = token === undefined ? undefined : this.#done.get(token);
    if (known === undefined) return undefined;
    if (!isDeepStrictEqual(known.input.TransactItems, input.TransactItems))
      throw new ServiceError(
        "IdempotentParameterMismatchException",
        "The request uses the same client token as a previous, but non-identical request",
      );
    return known.images;
  }

  /** Those that are remembered, to be given to `remember`. */
  save(): readonly DoneTransaction[] {
    return [...this.#done.values()];
  }

  remember(input: TransactWriteItemsInput, images: readonly ItemImage[], now: EpochMs): void {
    // An empty token is none.
    if (input.ClientRequestToken) this.#done.set(input.ClientRequestToken, { input, images, at: now });
  }
}
