import { describe, expect, test } from "vitest";
import type { EntryFrame } from "../../../shared/protocol/channel.ts";
import { encodeEntry, quietEntry } from "../../../shared/protocol/entry.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import type { LogItem } from "../../../shared/protocol/ports.ts";
import type { Cut } from "../../../shared/protocol/savepoint/cut.ts";
import { framesOf, spansInFlight } from "../../../shared/protocol/savepoint/in-flight.ts";
import { BEGINNING_OF_TIME, epochMs } from "../../../shared/time/time.ts";
import { inMemory } from "../in-memory.ts";
import { none } from "../records.ts";

const id = { stage: "p.visits", partition: 0, epoch: 0 };

const cutOf = (stage: string, partition: number, standing: Partial<Cut["standing"]>): Cut => ({
  id: { stage, partition, epoch: 0 },
  v: 1,
  snapshot: undefined,
  items: [],
  head: undefined,
  standing: { ...quietEntry(), ...standing },
  last: undefined,
});

const sent = (stage: string, to: number, counter: number) =>
  [stage, to, counter, BEGINNING_OF_TIME, BEGINNING_OF_TIME] as const;

const frame = (counter: number, to = 0, stage = "p.pages"): EntryFrame => [
  stage,
  to,
  counter,
  epochMs(counter),
  [[0, `row ${counter} to ${to}`, epochMs(counter), counter]],
];

describe("of what a partition sent", () => {
  const sender = cutOf("p.visits", 0, {
    channels: [sent("p.pages", 0, 7), sent("p.pages", 1, 4), sent("p.all", 0, 2)],
  });

  test("that is on its way which its receivers had not taken, channel by channel", () => {
    const cuts = new Map([
      [
        "p.pages",
        [
          cutOf("p.pages", 0, {
            positions: [
              ["p.other/0", 9],
              ["p.visits/0", 4],
            ],
          }),
          cutOf("p.pages", 1, { positions: [["p.visits/0", 4]] }),
        ],
      ],
      ["p.all", [cutOf("p.all", 0, { positions: [["p.visits/1", 2]] })]],
      ["p.idle", [cutOf("p.idle", 0, {})]],
    ]);
    expect(spansInFlight(sender, cuts)).toEqual([
      { stage: "p.pages", to: 0, taken: 4, sent: 7 },
      { stage: "p.all", to: 0, taken: 0, sent: 2 },
    ]);
  });

  test("a receiver cannot have taken more: then the cut is torn, and whoever takes it tries again", () => {
    const cuts = new Map([
      ["p.pages", [cutOf("p.pages", 0, {}), cutOf("p.pages", 1, { positions: [["p.visits/0", 5]] })]],
    ]);
    expect(() => spansInFlight(sender, cuts)).toThrow(
      expect.objectContaining({
        code: "SAVEPOINT_TORN",
        next: "retried",
        message: 'stage "p.pages", partition 1 has taken frame 5 of p.visits/0, which had sent 4',
      }),
    );
  });
});

/** A log whose entries give these frames, and which notes what is read of it. */
function logged(frames: readonly (readonly EntryFrame[])[], first = 1) {
  const { log: empty } = inMemory();
  const items = frames.map(
    (given, i): LogItem => ({
      v: first + i,
      nonce: `n${i}`,
      published: 0,
      outputs: given.length > 0,
      watermark: epochMs(0),
      nextTimer: undefined,
      owes: false,
      codeVersion: "code-1",
      fingerprint: "f",
      counts: {},
      body: encodeEntry({ ...quietEntry(), frames: given }, none),
    }),
  );
  const reads: (readonly [after: number, upTo: number | undefined])[] = [];
  const log: Environment["log"] = {
    ...empty,
    readAfter: async (_, v, upTo = Number.POSITIVE_INFINITY) => {
      reads.push([v, upTo]);
      return items.filter((item) => item.v > v && item.v <= upTo);
    },
  };
  return { env: inMemory({ log, compression: none }), reads };
}

const span = (taken: number, last: number, to = 0) => ({ stage: "p.pages", to, taken, sent: last });

describe("frames on their way", () => {
  test("are found in the entries that gave them, in their order, and no others", async () => {
    const { env } = logged([
      [frame(1), frame(1, 1)],
      [frame(2), frame(2, 1), frame(1, 0, "p.all")],
      [frame(3), frame(3, 1)],
    ]);
    expect(await framesOf(env, id, 3, [span(1, 3), span(2, 3, 1)])).toEqual([
      frame(2),
      frame(3),
      frame(3, 1),
    ]);
  });

  test("count once where an entry gave them again", async () => {
    const { env } = logged([[frame(1), frame(2)], [frame(1), frame(2)], [frame(3)]]);
    expect(await framesOf(env, id, 3, [span(0, 3)])).toEqual([frame(1), frame(2), frame(3)]);
  });

  test("of none nothing is read", async () => {
    const { env, reads } = logged([[frame(1)]]);
    expect(await framesOf(env, id, 1, [])).toEqual([]);
    expect(reads).toEqual([]);
  });

  test("are looked for in the last 16 entries, then in four times as many, up to the cut", async () => {
    const { env, reads } = logged(Array.from({ length: 90 }, (_, i) => [frame(i + 1)]));
    expect(await framesOf(env, id, 80, [span(64, 80)])).toHaveLength(16);
    expect(reads.splice(0)).toEqual([[64, 80]]);
    expect(await framesOf(env, id, 80, [span(60, 80)])).toHaveLength(20);
    expect(reads.splice(0)).toEqual([
      [64, 80],
      [16, 80],
    ]);
    expect(await framesOf(env, id, 80, [span(0, 80)])).toHaveLength(80);
    expect(reads).toEqual([
      [64, 80],
      [16, 80],
      [0, 80],
    ]);
  });

  test("that are in no entry any more refuse the savepoint, as soon as entries are missing", async () => {
    const { env, reads } = logged([[frame(9)], [frame(10)]], 29);
    await expect(framesOf(env, id, 30, [span(6, 10)])).rejects.toMatchObject({
      code: "SAVEPOINT_FRAMES_GONE",
      next: "refused",
      message:
        'stage "p.visits", partition 0: of 4 frames that nobody has taken yet 2 are in no entry any more; "p.pages" is more than a day behind',
    });
    expect(reads).toEqual([[14, 30]]);
  });

  test("are refused likewise where the log has been shortened past the cut, or never had them", async () => {
    const shortened = logged([[frame(31)]], 31);
    await expect(framesOf(shortened.env, id, 30, [span(29, 30)])).rejects.toMatchObject({
      code: "SAVEPOINT_FRAMES_GONE",
    });
    const silent = logged([[], []]);
    await expect(framesOf(silent.env, id, 2, [span(1, 2)])).rejects.toMatchObject({
      code: "SAVEPOINT_FRAMES_GONE",
    });
  });
});
