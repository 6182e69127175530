import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, milliseconds, minus } from "../../shared/time/time.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { backoff } from "./backoff.ts";
import { readBatchResponse } from "./batch-response.ts";
import type { DiscardedBatch, OnFailure } from "./discarded-batch.ts";
import type { Invoke, InvokeOutcome } from "./event-source.ts";
import { justBefore } from "./kinesis-checkpoint.ts";
import type { EventOrigin, KinesisEventFormat } from "./kinesis-event.ts";
import type { KinesisMapping } from "./kinesis-mapping.ts";
import { type Batch, planRetry } from "./retry-plan.ts";
import type { RunControl } from "./run-control.ts";

export type LanePorts = {
  readonly kinesis: Pick<KinesisModel, "read">;
  readonly streamName: string;
  readonly mapping: KinesisMapping;
  readonly origin: EventOrigin;
  readonly format: KinesisEventFormat;
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly control: RunControl;
  readonly onFailure: OnFailure | undefined;
  /** Gets the age of a batch's newest record, each time that the batch is given to the function. */
  readonly onBatch: ((iteratorAge: DurationMs) => void) | undefined;
};

type RecordBatch = Batch<StoredRecord>;

/**
 * Gives batches to the function, one at a time and in order, until each is taken or discarded.
 * A shard has one lane, or ParallelizationFactor of them.
 */
export class Lane {
  readonly #ports: LanePorts;
  /** What is neither taken nor discarded yet, oldest first. */
  #pending: readonly RecordBatch[] = [];
  /** The last invocation, for the record of a discarded batch. */
  #outcome: InvokeOutcome | undefined;

  constructor(ports: LanePorts) {
    this.#ports = ports;
  }

  /** The first record that was given to it and is neither taken nor discarded. */
  get oldest(): StoredRecord | undefined {
    return this.#pending[0]?.records[0];
  }

  /** Resolves when every record was taken or discarded, or the source was stopped. */
  async deliver(records: readonly StoredRecord[]): Promise<void> {
    const { control } = this.#ports;
    this.#outcome = undefined;
    this.#pending = [{ records, failures: 0, invocations: 0 }];
    let setbacks = 0;
    while (await control.mayGoOn()) {
      const [oldest, ...later] = this.#pending;
      if (oldest === undefined) return;
      const young = await this.#withoutExpired(oldest, setbacks > 0);
      if (control.stopped) return;
      const again = young.records.length === 0 ? [] : await this.#attempt(young);
      this.#pending = [...again, ...later];
      const stuck = again[0]?.records[0] === young.records[0];
      setbacks = stuck ? setbacks + 1 : 1;
      if (again.length > 0) await control.pause(backoff(setbacks));
    }
  }

  /** One invocation; what it leaves to be done, in order. */
  async #attempt(batch: RecordBatch): Promise<readonly RecordBatch[]> {
    const { control, mapping, format, invoke, clock, onBatch } = this.#ports;
    control.counters.invocations += 1;
    const arrived = batch.records.at(-1)?.ApproximateArrivalTimestamp;
    if (arrived !== undefined) onBatch?.(milliseconds(clock.now() - arrived));
    let outcome: InvokeOutcome;
    try {
      outcome = await control.during(invoke(format.encode(batch.records)));
    } catch (error) {
      control.counters.failedInvocations += 1;
      // one record that no invocation can hold: it would never get through
      const hopeless = error instanceof ServiceError && error.code === "RequestTooLargeException";
      if (hopeless && (await this.#discard(batch, "RetryAttemptsExhausted"))) return [];
      // the function was never reached (a throttle, say): that is tried again and counts as no attempt
      return [batch];
    }
    this.#outcome = outcome;
    const upTo = this.#takenBy(outcome, batch);
    control.counters.delivered += upTo;
    if (upTo === batch.records.length) return [];
    control.counters.failedInvocations += 1;
    const plan = planRetry(batch, upTo, mapping);
    if (plan.discarded === undefined) return plan.again;
    const discarded = await this.#discard(plan.discarded, "RetryAttemptsExhausted");
    return discarded ? plan.again : [plan.discarded, ...plan.again];
  }

  #takenBy(outcome: InvokeOutcome, batch: RecordBatch): number {
    if (outcome.functionError !== undefined) return 0;
    if (!this.#ports.mapping.reportBatchItemFailures) return batch.records.length;
    const identifiers = batch.records.map(({ SequenceNumber }) => SequenceNumber);
    return readBatchResponse(outcome.payload, identifiers).upTo;
  }

  /** Discards the records at the front that are too old, or have left the stream; a shard's arrival times grow. */
  async #withoutExpired(batch: RecordBatch, wasTried: boolean): Promise<RecordBatch> {
    const { mapping, clock } = this.#ports;
    const oldest = minus(clock.now(), mapping.maximumRecordAge ?? milliseconds(Number.POSITIVE_INFINITY));
    const first = wasTried ? this.#firstKept(batch) : 0n;
    const firstYoung = batch.records.findIndex(
      ({ ApproximateArrivalTimestamp, SequenceNumber }) =>
        ApproximateArrivalTimestamp >= oldest && first !== undefined && BigInt(SequenceNumber) >= first,
    );
    const expired = firstYoung < 0 ? batch.records.length : firstYoung;
    if (expired === 0) return batch;
    const old = { ...batch, records: batch.records.slice(0, expired) };
    if (!(await this.#discard(old, "RecordAgeExceeded"))) return batch;
    return { ...batch, records: batch.records.slice(expired) };
  }

  /** The first sequence number of the batch, or behind it, that the stream still keeps; undefined for none. */
  #firstKept({ records }: RecordBatch): bigint | undefined {
    const { kinesis, streamName, origin } = this.#ports;
    const before = justBefore(records.slice(0, 1).map(({ SequenceNumber }) => SequenceNumber));
    const [kept] = kinesis.read(streamName, origin.shardId, before, 1, 1).records;
    return kept && BigInt(kept.SequenceNumber);
  }

  /**
   * Hands the batch to the destination before the shard goes on, however often that must be tried.
   * False: the source was stopped meanwhile.
   */
  async #discard(batch: RecordBatch, condition: DiscardedBatch["condition"]): Promise<boolean> {
    const { control, mapping, origin, onFailure } = this.#ports;
    for (let tries = 1; !control.stopped; tries++) {
      try {
        onFailure?.({ batch, condition, origin, mapping, outcome: this.#outcome });
        control.counters.discarded += batch.records.length;
        return true;
      } catch {
        // a destination that fails would lose the records' last trace: the shard waits for it
        control.counters.failedInvocations += 1;
        await control.pause(backoff(tries));
      }
    }
    return false;
  }
}
