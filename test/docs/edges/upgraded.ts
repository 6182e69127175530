import { epochMs, type KeyedFlow, minutes } from "../../../shared/index.ts";
import { Fold } from "../../../shared/operators/fold.ts";
import type { Change } from "../../../shared/state/change.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
import { foldOf, type Rows, type Said, stagesOf, type Thing, thing } from "./given.ts";

/** Of version 1 a row is its number; of version 2 an object with it. */
type Row = number | { readonly two: number };
export type Versioned = KeyedFlow<string, Row>;
export type Versions = { readonly version?: number; readonly migrate?: (old: unknown) => Row };
/** What an operator gives of the rows for which `of` is true. */
export type Keeps = (rowsOf: (of: (thing: Thing) => boolean) => Versioned, kept: Versions) => Rows;

/** A row of version 1 that no later one can read. */
export const DAMAGED = 13;

const migrate = (old: unknown): Row => {
  if (typeof old !== "number" || Math.abs(old) === DAMAGED) throw new Error(`unread: ${JSON.stringify(old)}`);
  return { two: old };
};

/**
 * What the code of version 2 gives of later events and of the end, where version 1 kept the earlier ones; and the
 * payloads of failed events.
 */
export function upgraded(
  keeps: Keeps,
  earlier: readonly Said[],
  later: readonly Said[] = [],
): { readonly given: readonly unknown[]; readonly failed: readonly unknown[] } {
  const build = (version: 1 | 2) => (things: Parameters<Parameters<typeof stagesOf>[0]>[0]) => ({
    rows: keeps(
      (of) =>
        things
          .keyBy("k")
          .filter(of)
          .map(({ n }): Row => (version === 1 ? n : { two: n })),
      version === 1 ? {} : { version, migrate },
    ),
  });
  const options = { outOfOrder: minutes(1) };
  const before = foldOf(earlier, build(1), options);
  const [stage] = stagesOf(build(2), options);
  if (stage === undefined) throw new Error("there is no stage");
  const fold = new Fold(stage, { codeVersion: "c" });
  fold.apply(decodeValue(encodeValue([...before.snapshot()])) as Change[]);
  fold.resume(before.time(), before.sealed.counts);
  for (const [i, event] of later.entries()) {
    const one = thing(`l${i}`, event);
    fold.event(one.id, epochMs(one.at), one.k, one, options.outOfOrder);
  }
  fold.end();
  const { feeds, failed } = fold.seal().outputs;
  return {
    given: (feeds.get("p.lake-rows") ?? []).map(([, , , row]) => row),
    failed: failed.map(({ error, payload }) => ({ ...(payload as object), code: error.code })),
  };
}
