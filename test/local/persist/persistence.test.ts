import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { frameOf } from "../../../local/persist/frame-file.ts";
import { Persistence } from "../../../local/persist/persistence.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { epochMs } from "../../../shared/time/time.ts";

const StreamName = "orders";
const fail = (error: unknown): never => {
  throw error;
};
const WRITER = fileURLToPath(new URL("./writer.ts", import.meta.url));

/** A folder that goes with its test. */
function folder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "millrace-persist-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function opened(path: string) {
  const persistence = new Persistence({
    folder: path,
    clock: systemClock,
    onFailure: fail,
  });
  const kinesis = new KinesisModel({ clock: persistence.clock, faults: persistence.faults(), limits: "off" });
  return { persistence, kinesis, restore: () => persistence.restore({ kinesis }) };
}

/** A folder in which a stream was made and got some records, and whose process has ended. */
async function filled(path: string, keys: readonly string[]): Promise<void> {
  const { persistence, kinesis, restore } = opened(path);
  restore();
  if (kinesis.listStreams().StreamNames.length === 0) kinesis.createStream({ StreamName, ShardCount: 1 });
  for (const PartitionKey of keys) kinesis.putRecord({ StreamName, PartitionKey, Data: new Uint8Array() });
  await persistence.close();
}

const SHARD = "shardId-000000000000";
const keysIn = (kinesis: KinesisModel): string[] =>
  kinesis.read(StreamName, SHARD, undefined, 1e6, 1e9).records.map(({ PartitionKey }) => PartitionKey);

async function keysLeft(path: string): Promise<string[]> {
  const { persistence, kinesis, restore } = opened(path);
  try {
    restore();
    return keysIn(kinesis);
  } finally {
    await persistence.close();
  }
}

describe("a folder of kept data", () => {
  test("keeps the changes of one process for the next", async () => {
    using place = folder();
    await filled(place.path, ["a", "b"]);
    await filled(place.path, ["c"]);
    expect(await keysLeft(place.path)).toEqual(["a", "b", "c"]);
  });

  test("holds one snapshot and what came after it, once it has been compacted", async () => {
    using place = folder();
    await filled(place.path, ["a"]);
    const { persistence, kinesis, restore } = opened(place.path);
    restore();
    await persistence.compact();
    await persistence.compact();
    kinesis.putRecord({ StreamName, PartitionKey: "b", Data: new Uint8Array() });
    await persistence.close();
    expect(readdirSync(place.path).sort()).toEqual(["journal-2", "snapshot-2"]);
    expect(await keysLeft(place.path)).toEqual(["a", "b"]);
  });

  test("is compacted by itself when its journal has grown", async () => {
    using place = folder();
    const persistence = new Persistence({
      folder: place.path,
      clock: systemClock,
      compactFromBytes: 4_096,
      onFailure: fail,
    });
    const kinesis = new KinesisModel({ clock: persistence.clock, faults: persistence.faults() });
    persistence.restore({ kinesis });
    kinesis.createStream({ StreamName, ShardCount: 1 });
    const keys = Array.from({ length: 100 }, (_, n) => `k${n}`);
    for (const PartitionKey of keys)
      kinesis.putRecord({ StreamName, PartitionKey, Data: new Uint8Array(99) });
    await persistence.close();
    expect(existsSync(join(place.path, "snapshot-1"))).toBe(true);
    expect(await keysLeft(place.path)).toEqual(keys);
  });

  test("is whole where its process died while it wrote a snapshot", async () => {
    using place = folder();
    await filled(place.path, ["a"]);
    // what a compaction has done before its snapshot is there: a journal of its own, and a part of the snapshot
    writeFileSync(join(place.path, "snapshot-1.part"), "half");
    const format = { format: "millrace journal", version: 1 };
    writeFileSync(join(place.path, "journal-1"), Buffer.concat(frameOf(format)));
    await filled(place.path, ["b"]);
    expect(await keysLeft(place.path)).toEqual(["a", "b"]);
    expect(readdirSync(place.path).sort()).toEqual(["journal-0", "journal-1"]);
  });

  test("loses of a value that was written in part nothing but that value", async () => {
    using place = folder();
    await filled(place.path, ["a", "b"]);
    const journal = join(place.path, "journal-0");
    truncateSync(journal, statSync(journal).size - 1);
    await filled(place.path, ["c"]);
    expect(await keysLeft(place.path)).toEqual(["a", "c"]);
  });

  test("is for one process at a time, and free again once that was killed", async () => {
    using place = folder();
    const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(holder, "spawn");
    writeFileSync(join(place.path, "lock"), String(holder.pid));
    expect(() => opened(place.path)).toThrow(
      expect.objectContaining({ code: "PERSIST_FOLDER", message: expect.stringContaining(`${holder.pid}`) }),
    );
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await filled(place.path, ["a"]);
    expect(await keysLeft(place.path)).toEqual(["a"]);
  });

  test("is refused where it is a file", () => {
    using place = folder();
    const file = join(place.path, "file");
    writeFileSync(file, "");
    expect(() => opened(file)).toThrow(expect.objectContaining({ code: "PERSIST_FOLDER" }));
  });

  test.each([
    ["a byte in its middle is another", (file: string) => flip(file, 200), "checksum"],
    [
      "another program wrote it",
      (file: string) => writeFileSync(file, frames({ format: "notes" })),
      "no millrace",
    ],
    [
      "another version wrote it",
      (file: string) => writeFileSync(file, frames({ format: "millrace journal", version: 9 })),
      "version 9",
    ],
    [
      "it holds an operation that nobody knows",
      (file: string) => appendFileSync(file, frames({ service: "kinesis", operation: "Guess", failed: [] })),
      "Guess of kinesis",
    ],
    [
      "it holds an operation that is not possible any more",
      (file: string) => {
        const input = { StreamName: "nowhere", PartitionKey: "k", Data: new Uint8Array() };
        appendFileSync(
          file,
          frames({ service: "kinesis", operation: "PutRecord", input, failed: [], at: 0 }),
        );
      },
      "PutRecord of kinesis",
    ],
  ])("is refused, and left as it is, where %s", async (_, spoil, message) => {
    using place = folder();
    await filled(place.path, ["a", "b", "c"]);
    const journal = join(place.path, "journal-0");
    spoil(journal);
    const before = readFileSync(journal);
    await expect(keysLeft(place.path)).rejects.toMatchObject({
      code: "PERSIST_DAMAGED",
      message: expect.stringContaining(message),
    });
    expect(readFileSync(journal)).toEqual(before);
  });

  test("is refused where a journal of it is missing", async () => {
    using place = folder();
    await filled(place.path, ["a"]);
    writeFileSync(join(place.path, "journal-2"), frames({ format: "millrace journal", version: 1 }));
    await expect(keysLeft(place.path)).rejects.toMatchObject({ code: "PERSIST_DAMAGED" });
  });
});

const frames = (value: unknown): Buffer => Buffer.concat(frameOf(value));

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}

test("an operation is done again at the very time at which it was done, although time goes on while it runs", async () => {
  using place = folder();
  let time = 1_356_998_400_000;
  const ticking = {
    now: () => {
      time += 1;
      return epochMs(time);
    },
  };
  const start = () => {
    const persistence = new Persistence({ folder: place.path, clock: ticking, onFailure: fail });
    const kinesis = new KinesisModel({ clock: persistence.clock, faults: persistence.faults() });
    persistence.restore({ kinesis });
    const look = () => [
      kinesis.listStreams().StreamSummaries,
      kinesis.read(StreamName, SHARD, undefined, 9, 99),
    ];
    return { persistence, kinesis, look };
  };
  const first = start();
  first.kinesis.createStream({ StreamName, ShardCount: 1 });
  const Records = ["a", "b"].map((PartitionKey) => ({ PartitionKey, Data: new Uint8Array() }));
  first.kinesis.putRecords({ StreamName, Records });
  const before = first.look();
  await first.persistence.close();
  const second = start();
  expect(second.look()).toEqual(before);
  await second.persistence.close();
});

describe("kill -9", () => {
  test("loses nothing that was acknowledged, and leaves nothing that was not asked for", async () => {
    using place = folder();
    let acknowledged = 0;
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [WRITER, place.path], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      const least = acknowledged + 200 * (round + 1);
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged >= least && child.exitCode === null) child.kill("SIGKILL");
      }
      await ended;
      const keys = await keysLeft(place.path);
      expect(keys.length).toBeGreaterThanOrEqual(acknowledged);
      expect(keys).toEqual(Array.from(keys, (_, n) => `k${n + 1}`));
      acknowledged = keys.length;
    }
  });

  test("a disk that is full ends all changes, and keeps those before it", async () => {
    using place = folder();
    // files end at 32 blocks of 512 bytes
    const shell = `trap '' XFSZ; ulimit -f 32; exec "${process.execPath}" "${WRITER}" "${place.path}"`;
    const child = spawn("sh", ["-c", shell], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "exit");
    const said = child.stderr.toArray().then((chunks) => Buffer.concat(chunks).toString());
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) acknowledged = Number(line);
    expect(await said).toMatch(/failed: EFBIG.*\nrefused: InternalFailure\nrefused: InternalFailure\n/);
    await ended;
    expect(await keysLeft(place.path)).toEqual(Array.from({ length: acknowledged }, (_, n) => `k${n + 1}`));
  });
});
