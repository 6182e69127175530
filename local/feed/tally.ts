import type { Batch } from "./batch.ts";
import type { Rejection, Verdict } from "./post-batch.ts";

export type FeedProgress = {
  /** Events in acknowledged requests, whatever the verdict on each. */
  readonly acknowledged: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Acknowledged requests. */
  readonly batches: number;
  /** Requests repeated after a failure. */
  readonly retries: number;
};

export type FeedResult = FeedProgress & {
  /** The first rejections, 20 at most, with the event as it was sent. */
  readonly rejections: readonly (Omit<Rejection, "index"> & { readonly event: string })[];
};

const REJECTIONS_KEPT = 20;

/** Counts what a feed's requests came to. */
export class Tally {
  readonly #onProgress: ((progress: FeedProgress) => void) | undefined;
  readonly #rejections: FeedResult["rejections"][number][] = [];
  #progress: FeedProgress = { acknowledged: 0, accepted: 0, rejected: 0, batches: 0, retries: 0 };

  constructor(onProgress?: (progress: FeedProgress) => void) {
    this.#onProgress = onProgress;
  }

  acknowledged(batch: Batch, { accepted, rejected }: Verdict): void {
    const before = this.#progress;
    for (const { index, code, message } of rejected.slice(0, REJECTIONS_KEPT - this.#rejections.length))
      this.#rejections.push({ code, message, event: batch.lines[index] ?? "" });
    this.#report({
      ...before,
      acknowledged: before.acknowledged + batch.lines.length,
      accepted: before.accepted + accepted,
      rejected: before.rejected + rejected.length,
      batches: before.batches + 1,
    });
  }

  retried(): void {
    this.#report({ ...this.#progress, retries: this.#progress.retries + 1 });
  }

  result(): FeedResult {
    return { ...this.#progress, rejections: this.#rejections };
  }

  #report(progress: FeedProgress): void {
    this.#progress = progress;
    this.#onProgress?.(progress);
  }
}
