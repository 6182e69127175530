import type { Invoke } from "../../../local/sources/event-source.ts";
import type { KinesisMapping } from "../../../local/sources/kinesis-mapping.ts";
import { KinesisSource, type KinesisSourceOptions } from "../../../local/sources/kinesis-source.ts";
import { MAPPING, noWait, recordsOf, type SeenRecord, steppingClock, TAKEN } from "./kinesis-fixture.ts";

/** What a function was given, and what waits for it. */
export type Recorder = {
  readonly batches: readonly (readonly SeenRecord[])[];
  readonly texts: () => readonly string[];
  readonly invoke: Invoke;
  readonly until: (holds: () => boolean) => Promise<void>;
};

/** A function that notes its batches and answers by `decide`; `until` resolves when it has seen so many records. */
export function recorder(
  decide: (records: readonly SeenRecord[], call: number) => ReturnType<Invoke> = async () => TAKEN,
): Recorder {
  const batches: (readonly SeenRecord[])[] = [];
  const waiters: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const texts = () => batches.flat().map(({ text }) => text);
  const invoke: Invoke = async (payload) => {
    const records = recordsOf(payload);
    batches.push(records);
    const outcome = await decide(records, batches.length);
    for (const { holds, resolve } of waiters) if (holds()) resolve();
    return outcome;
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (holds()) resolve();
      else waiters.push({ holds, resolve });
    });
  return { batches, texts, invoke, until };
}

export function sourceOf(
  options: Pick<KinesisSourceOptions, "kinesis" | "invoke"> & Partial<KinesisSourceOptions>,
  mapping: Partial<KinesisMapping> = {},
): KinesisSource {
  return new KinesisSource({
    clock: steppingClock(),
    wait: noWait,
    ...options,
    mapping: { ...MAPPING, ...mapping },
  });
}
