import type { EpochMs } from "../../shared/time/time.ts";
import type { Call } from "../models/faults.ts";
import type { HeldClock } from "./held-clock.ts";

/** One operation that has changed a model, with all that it depended on. */
export type LoggedOperation = {
  readonly at: EpochMs;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  /** Entries of a batch that were made to fail. */
  readonly failed: readonly number[];
};

/** Operations that change nothing, by AWS's way of naming. */
const READS = /^(BatchGet|Describe|Get|Head|List|Query|Scan|TransactGet)/;

/**
 * Notes every operation that changes a model, once it is done and before its caller is told. What throws has changed
 * nothing, and is not noted.
 */
export class OperationLog {
  readonly #clock: HeldClock;
  readonly #note: (operation: LoggedOperation) => void;

  /** @param note - what it throws, the caller of the operation gets */
  constructor(clock: HeldClock, note: (operation: LoggedOperation) => void) {
    this.#clock = clock;
    this.#note = note;
  }

  around<T>({ service, operation, input, failed }: Call, run: () => T): T {
    if (READS.test(operation)) return run();
    const at = this.#clock.now();
    const result = this.#clock.at(at, run);
    this.#note({
      at,
      service,
      operation,
      input,
      failed: [...failed, ...refusedIn(operation, input, result)],
    });
    return result;
  }
}

/**
 * Entries of a batch that were refused because a shard or a partition had given all that it gives in a second: a
 * model that was restored might have some left.
 */
function refusedIn(operation: string, input: unknown, result: unknown): number[] {
  const refused = REFUSED[operation]?.(input as never, result as never) ?? [];
  return refused.flatMap((isRefused, index) => (isRefused ? [index] : []));
}

type Requests = Readonly<Record<string, readonly unknown[]>>;

const REFUSED: Readonly<Record<string, (input: never, result: never) => boolean[]>> = {
  PutRecords: (_: never, { Records }: { readonly Records: readonly { readonly ErrorCode?: string }[] }) =>
    Records.map(({ ErrorCode }) => ErrorCode !== undefined),
  BatchWriteItem: (
    { RequestItems }: { readonly RequestItems: Requests },
    { UnprocessedItems }: { readonly UnprocessedItems: Requests },
  ) =>
    Object.entries(RequestItems).flatMap(([table, requests]) =>
      requests.map((request) => UnprocessedItems[table]?.includes(request) === true),
    ),
};
