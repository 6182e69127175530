import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { CommitLog, LogItem, PartitionId } from "../../../shared/protocol/ports.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, epochMs } from "../../../shared/time/time.ts";
import { settableClock } from "./settable-clock.ts";

export type OpenCommitLog = (
  clock: Clock,
) => Promise<{ readonly log: CommitLog; readonly close: () => Promise<void> }>;

/** An entry that differs from its default in what a test is about. */
export const entry = (v: number, nonce: string, rest: Partial<LogItem> = {}): LogItem => ({
  v,
  nonce,
  published: v - 1,
  outputs: true,
  watermark: epochMs(1_000 * v),
  nextTimer: undefined,
  owes: false,
  codeVersion: "code-1",
  fingerprint: "f00d",
  counts: { input: v },
  body: new TextEncoder().encode(`body ${v} of ${nonce}`),
  ...rest,
});

/** Opens a log as itself and closes it with the suite. Each test writes logs of its own. */
export function commitLogConformance(name: string, open: OpenCommitLog): void {
  describe(`${name} as a commit log`, () => {
    const clock = settableClock();
    let opened: Awaited<ReturnType<OpenCommitLog>>;
    let log: CommitLog;
    let partitions = 0;
    beforeAll(async () => {
      opened = await open(clock);
      log = opened.log;
    });
    afterAll(() => opened.close());
    const fresh = (): PartitionId => ({ stage: "flights.hourly", partition: partitions++, epoch: 0 });
    const versions = async (id: PartitionId): Promise<number[]> =>
      (await log.readAfter(id, 0)).map(({ v }) => v);
    const fill = async (id: PartitionId, upTo: number): Promise<void> => {
      for (let v = 1; v <= upTo; v++) expect(await log.append(id, entry(v, `n${v}`))).toEqual({ won: true });
    };

    test("an empty log has no entries and no snapshot", async () => {
      const id = fresh();
      expect(await log.readAfter(id, 0)).toEqual([]);
      expect(await log.snapshot(id)).toBeUndefined();
    });

    test("entries are read after a version, in order, field for field", async () => {
      const id = fresh();
      const items = [
        entry(1, "a", { watermark: BEGINNING_OF_TIME, nextTimer: epochMs(-5), owes: true, outputs: false }),
        entry(2, "b", { watermark: END_OF_TIME, counts: { input: 2 ** 40, late: 0 } }),
        entry(3, "c", { body: new Uint8Array(0), nextProcessingTimer: epochMs(7) }),
      ];
      for (const item of items) await log.append(id, item);
      expect((await log.readAfter(id, 0)).map(plainBody)).toEqual(items.map(plainBody));
      expect((await log.readAfter(id, 1)).map(({ v }) => v)).toEqual([2, 3]);
      expect(await log.readAfter(id, 3)).toEqual([]);
      expect((await log.readAfter(id, 0, 2)).map(({ v }) => v)).toEqual([1, 2]);
      expect((await log.readAfter(id, 2, 9)).map(({ v }) => v)).toEqual([3]);
      expect(await log.readAfter(id, 2, 2)).toEqual([]);
    });

    test("bodies of any size come back byte for byte", async () => {
      const id = fresh();
      const items = [0, 1, 8_192, 8_193, 300_000].map((size, i) =>
        entry(i + 1, `n${i}`, { body: Uint8Array.from({ length: size }, (_, at) => (at * 31 + i) % 256) }),
      );
      for (const item of items) await log.append(id, item);
      expect((await log.readAfter(id, 0)).map(plainBody)).toEqual(items.map(plainBody));
    });

    test("a log longer than a page is read whole", async () => {
      const id = fresh();
      const body = new Uint8Array(8_000).fill(7);
      for (let v = 1; v <= 150; v++) await log.append(id, entry(v, `n${v}`, { body }));
      expect(await versions(id)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    });

    test("the second writer of a version loses, is told the first one's nonce and changes nothing", async () => {
      for (const size of [10, 20_000]) {
        const id = fresh();
        const first = entry(1, "first", { body: new Uint8Array(size).fill(1) });
        await log.append(id, first);
        expect(await log.append(id, entry(1, "second", { body: new Uint8Array(size).fill(2) }))).toEqual({
          won: false,
          nonce: "first",
        });
        expect((await log.readAfter(id, 0)).map(plainBody)).toEqual([plainBody(first)]);
      }
    });

    test("a writer that asks again with its own nonce has won", async () => {
      const id = fresh();
      await fill(id, 1);
      expect(await log.append(id, entry(1, "n1"))).toEqual({ won: true });
      expect(await versions(id)).toEqual([1]);
    });

    test("of many writers at once exactly one wins, and all are told its nonce", async () => {
      for (const size of [10, 9_000]) {
        const id = fresh();
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, i) =>
            log.append(id, entry(1, `w${i}`, { body: new Uint8Array(size) })),
          ),
        );
        const winner = results.findIndex(({ won }) => won);
        expect(results).toEqual(
          results.map((_, i) => (i === winner ? { won: true } : { won: false, nonce: `w${winner}` })),
        );
        expect((await log.readAfter(id, 0)).map(({ nonce }) => nonce)).toEqual([`w${winner}`]);
      }
    });

    test("stages, partitions and epochs have logs of their own", async () => {
      const id = fresh();
      await fill(id, 2);
      await log.recordSnapshot(id, { v: 1, key: "s" });
      for (const other of [
        { ...id, stage: "x" },
        { ...id, partition: 10_000 },
        { ...id, epoch: 1 },
      ]) {
        expect(await log.readAfter(other, 0)).toEqual([]);
        expect(await log.snapshot(other)).toBeUndefined();
        expect(await log.append(other, entry(1, "other"))).toEqual({ won: true });
      }
      expect(await versions(id)).toEqual([1, 2]);
    });

    test("a snapshot is replaced by a newer one only", async () => {
      const id = fresh();
      await log.recordSnapshot(id, { v: 5, key: "five" });
      await log.recordSnapshot(id, { v: 3, key: "three" });
      await log.recordSnapshot(id, { v: 5, key: "five again" });
      expect(await log.snapshot(id)).toEqual({ v: 5, key: "five" });
      await log.recordSnapshot(id, { v: 9, key: "nine" });
      expect(await log.snapshot(id)).toEqual({ v: 9, key: "nine" });
      expect(await log.readAfter(id, 0)).toEqual([]);
    });

    test("truncation takes old entries up to a version, bodies of any size, and leaves the snapshot", async () => {
      const id = fresh();
      clock.set(1_000);
      for (let v = 1; v <= 30; v++)
        await log.append(id, entry(v, `n${v}`, { body: new Uint8Array(v % 2 === 0 ? 9_000 : 9) }));
      await log.recordSnapshot(id, { v: 28, key: "s" });
      await log.truncate(id, 28, epochMs(2_000));
      expect(await versions(id)).toEqual([29, 30]);
      expect(await log.snapshot(id)).toEqual({ v: 28, key: "s" });
    });

    test("truncation leaves what was written since, and all behind it", async () => {
      const id = fresh();
      for (const [v, at] of [
        [1, 100],
        [2, 300],
        [3, 200],
        [4, 400],
      ] as const) {
        clock.set(at);
        await log.append(id, entry(v, `n${v}`));
      }
      await log.truncate(id, 4, epochMs(250));
      expect(await versions(id)).toEqual([2, 3, 4]);
      await log.truncate(id, 4, epochMs(300));
      expect(await versions(id)).toEqual([2, 3, 4]);
    });

    test("truncation never takes the last entry, nor anything from an empty log", async () => {
      const id = fresh();
      clock.set(1);
      await log.truncate(id, 9, epochMs(2));
      await fill(id, 3);
      await log.truncate(id, 9, epochMs(2));
      expect(await versions(id)).toEqual([3]);
      await log.truncate(id, 9, epochMs(2));
      expect(await versions(id)).toEqual([3]);
    });

    const anyStep = fc.oneof(
      fc.record({
        do: fc.constant("append" as const),
        ahead: fc.constantFrom(0, 1),
        nonce: fc.constantFrom("a", "b"),
      }),
      fc.record({ do: fc.constant("snapshot" as const), v: fc.nat({ max: 6 }) }),
      fc.record({ do: fc.constant("truncate" as const), v: fc.nat({ max: 6 }), before: fc.nat({ max: 8 }) }),
    );
    test.prop([fc.array(anyStep, { maxLength: 14 })], { numRuns: 25 })(
      "any sequence of calls leaves what its definition leaves",
      async (steps) => {
        const id = fresh();
        let items: { v: number; nonce: string; at: number }[] = [];
        let snapshot: { v: number; key: string } | undefined;
        for (const [at, step] of steps.entries()) {
          clock.set(at);
          const last = items.at(-1)?.v ?? 0;
          if (step.do === "append") {
            const v = Math.max(1, last + step.ahead);
            const standing = items.find((item) => item.v === v);
            const expected =
              standing === undefined || standing.nonce === step.nonce
                ? { won: true }
                : { won: false, nonce: standing.nonce };
            expect(await log.append(id, entry(v, step.nonce))).toEqual(expected);
            if (standing === undefined) items.push({ v, nonce: step.nonce, at });
          } else if (step.do === "snapshot") {
            await log.recordSnapshot(id, { v: step.v, key: `at ${at}` });
            if (snapshot === undefined || step.v > snapshot.v) snapshot = { v: step.v, key: `at ${at}` };
          } else {
            await log.truncate(id, step.v, epochMs(step.before));
            const kept = items.findIndex(
              (item) => item.v > step.v || item.at >= step.before || item.v === last,
            );
            items = kept === -1 ? items : items.slice(kept);
          }
          expect((await log.readAfter(id, 0)).map(({ v, nonce }) => ({ v, nonce }))).toEqual(
            items.map(({ v, nonce }) => ({ v, nonce })),
          );
          expect(await log.snapshot(id)).toEqual(snapshot);
        }
      },
    );
  });
}

/** Two ports may answer with Buffer and Uint8Array: the bytes count. */
const plainBody = (item: LogItem): LogItem => ({ ...item, body: Uint8Array.from(item.body) });
