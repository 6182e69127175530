import { describe, expect, test } from "vitest";
import { decodeEntry } from "../../../shared/protocol/entry.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import { fenceLog } from "../../../shared/protocol/fence.ts";
import type { SnapshotRef } from "../../../shared/protocol/ports.ts";
import { cutPartition } from "../../../shared/protocol/savepoint/cut.ts";
import { type InMemory, inMemory, logOf } from "../in-memory.ts";
import { begun, delivered, event, run } from "./visits.ts";

const id = { stage: "p.visits", partition: 0, epoch: 0 };

/** The log, which notes from where on it is read. */
function noting({ log }: InMemory): { log: Environment["log"]; reads: number[] } {
  const reads: number[] = [];
  return {
    reads,
    log: {
      ...log,
      readAfter: (of, v, upTo) => {
        reads.push(v);
        return log.readAfter(of, v, upTo);
      },
    },
  };
}

describe("a partition's cut", () => {
  test("is the newest snapshot and the entries behind it, in one read", async () => {
    const env = { ...(await begun()), snapshotEntries: 4 };
    await run(env, id.stage, [event(4)]);
    await run(env, id.stage, [event(5)]);
    const { log, reads } = noting(env);
    const cut = await cutPartition({ ...env, log }, id);
    expect(cut).toMatchObject({ v: 5, snapshot: { v: 4 }, items: [{ v: 5 }], head: { v: 5 } });
    expect(reads).toEqual([3]);
  });

  test("is empty where nothing was committed", async () => {
    const env = inMemory();
    const { log, reads } = noting(env);
    expect(await cutPartition({ ...env, log }, id)).toMatchObject({
      v: 0,
      snapshot: undefined,
      items: [],
      head: undefined,
      standing: { positions: [], channels: [] },
      last: undefined,
    });
    expect(reads).toEqual([0]);
  });

  test("is at the snapshot where its entry is all that is left", async () => {
    const env = { ...(await begun()), snapshotEntries: 1 };
    await run(env, id.stage, [event(4)]);
    const { standing, ...cut } = await cutPartition(env, id);
    expect(cut).toMatchObject({ v: 4, snapshot: { v: 4 }, items: [], head: { v: 4 }, last: undefined });
    expect(standing.positions).toEqual([["shard-1", "4"]]);
  });

  test("keeps entries without what they gave, and the last one whole", async () => {
    const env = await begun();
    const { items, last } = await cutPartition(env, id);
    expect(items.map(({ outputs }) => outputs)).toEqual([false, false, false]);
    expect(items.map(({ body }) => decodeEntry(body, env.compression).frames)).toEqual([[], [], []]);
    const written = logOf(env, id);
    expect(written.map(({ outputs }) => outputs)).toEqual([true, true, true]);
    expect(last).toEqual(decodeEntry(written[2]?.body ?? new Uint8Array(), env.compression));
  });

  test("of a log that was ended is before the fence: its last entry is whole", async () => {
    const env = await begun();
    const pages = { ...id, stage: "p.pages" };
    await run(env, "p.pages", delivered(env));
    const before = await cutPartition(env, pages);
    await fenceLog(env, pages);
    const { v, items, last, head } = await cutPartition(env, pages);
    expect({ v, items, last }).toEqual({ v: 2, items: before.items, last: before.last });
    expect(head).toMatchObject({ v: 3 });
    expect(last?.views).toHaveLength(1);
  });
});

describe("a log that is being shortened while it is read", () => {
  /** One in which another has taken a snapshot and deleted entries, of which the pointer tells after some reads. */
  async function shortened(late: number) {
    const env = { ...(await begun()), snapshotEntries: 4 };
    await run(env, id.stage, [event(4)]);
    await run(env, id.stage, [event(5)]);
    let told = 0;
    const snapshot = async (of: typeof id): Promise<SnapshotRef | undefined> => {
      told += 1;
      return told <= late ? undefined : env.log.snapshot(of);
    };
    return { env: { ...env, log: { ...env.log, snapshot } }, tries: () => told };
  }

  test("is read again from its pointer on, up to five times", async () => {
    const { env, tries } = await shortened(4);
    expect(await cutPartition(env, id)).toMatchObject({ v: 5, snapshot: { v: 4 } });
    expect(tries()).toBe(5);
  });

  test("has a gap where that does not help", async () => {
    const { env, tries } = await shortened(5);
    await expect(cutPartition(env, id)).rejects.toMatchObject({
      code: "LOG_GAP",
      next: "retried",
      message: 'stage "p.visits", partition 0: entry 1 is missing',
    });
    expect(tries()).toBe(5);
  });

  test("has a gap in its midst, too", async () => {
    const env = await begun();
    env.items.set(
      "p.visits/0",
      logOf(env, id).filter(({ v }) => v !== 2),
    );
    await expect(cutPartition(env, id)).rejects.toMatchObject({ code: "LOG_GAP" });
  });
});
