import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PutRecordCommand } from "@aws-sdk/client-kinesis";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InPlace } from "../../cli/savepoint/restore.ts";
import { kinesisStreams } from "../../functions/aws/streams.ts";
import { zstd } from "../../functions/aws/zstd.ts";
import { laneOf } from "../../local/dev/samples.ts";
import { type FlightEvent, readFlights } from "../../local/feed/flights.ts";
import { samplePath } from "../../local/feed/sample.ts";
import { flightsApp } from "../../pipelines/flights.ts";
import type { Stream } from "../../shared/events/stream.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import type { StagePlan } from "../../shared/plan/plan.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { END_OF_TIME } from "../../shared/time/time.ts";
import { millrace } from "../cli/millrace.ts";
import { type FlightsOracle, flightsOracle } from "../oracles/flights-oracle.ts";
import { asOracleRow, finalLakeRows, lateIds, type ServedDelay } from "../oracles/flights-results.ts";
import { Api } from "./api.ts";
import { type Deployed, deployLocal, destroy } from "./cdk.ts";
import { eventually } from "./eventually.ts";
import { unpackCodeAgain } from "./function-code.ts";
import { type Head, headsOf, total } from "./heads.ts";
import { withLakeTable } from "./lake-files.ts";
import { type LocalStack, startLocalStack } from "./localstack.ts";
import { NEW_DELAY } from "./pipelines.ts";
import { remainsOf } from "./remains.ts";
import { type AllClients, apiKey, clientsFor, stackExists } from "./stack.ts";
import { invokedFunctions, type LogLine, logLines, metricTotal } from "./traces.ts";

const STACK = "millrace-samples";
const KEYED = ["-c", "authorization=api-key"];
const NEXT_PIPELINES = fileURLToPath(new URL("./pipelines.ts", import.meta.url));
const NEXT_VERSION = ["--app", "node test/localstack/app.ts"];

const FLIGHTS = 2_000;
/** So many are posted before the update, more until the savepoint, and the rest behind it. */
const BEFORE = 1_000;
const SAVED = 1_500;
/** Those are posted twice: some by the update, others behind the savepoint. */
const REPEATED = { from: 400, to: 600 };
const BEHIND = { from: 0, to: 100 };

/** How many of test/localstack/pipelines.ts are posted, and the stage that stops at one of them. */
const PROBES = 4;
const STOPPING = "passed-probes.probes";

const stream = flightsApp.streams[0] as Stream<unknown>;
const stages = planApplication(flightsApp).plan.pipelines.flatMap((pipeline) => pipeline.stages);
const reader = stages.find(({ input }) => input.kind === "source") as StagePlan;
const lake = stages.find(({ id }) => id.endsWith("lake-hourly_delays")) as StagePlan;

let localStack: LocalStack;
let clients: AllClients;
let deployed: Deployed;
let api: Api;
/** The epoch that is deployed. */
let epoch = 0;
let flights: readonly FlightEvent[];
let oracle: FlightsOracle;

beforeAll(async () => {
  localStack = await startLocalStack();
  clients = clientsFor(localStack.endpoint);
  deployed = await deployLocal(localStack.endpoint, ...KEYED);
  api = new Api(deployed.api, await apiKey(localStack.endpoint, output("ApiKeyId")));
  flights = await readFlights({ limit: FLIGHTS });
  oracle = await flightsOracle(samplePath("flights.csv.gz"), partitionOfAirport, {
    outOfOrderHours: 1,
    allowedLatenessHours: 6,
    limit: FLIGHTS,
    newRule: { after: BEFORE, delayedAbove: NEW_DELAY },
  });
});

afterAll(() => localStack?.close());

const partitionOfAirport = (origin: string): number => partitionOf(origin, reader.partitions);

function output(name: string): string {
  const value = deployed.outputs[name];
  if (value === undefined) throw new Error(`the stack has no output ${name}`);
  return value;
}

const heads = (stage: StagePlan = reader): Promise<(Head | undefined)[]> =>
  headsOf(clients.dynamodb, output("LogTable"), stage, epoch);

const postFlights = (events: readonly FlightEvent[]) => api.post("flights", events, laneOf(stream));

const served = async (): Promise<ServedDelay[]> => {
  const airports = [...new Set(flights.map(({ origin }) => origin))].sort();
  return (
    await Promise.all(airports.map((airport) => api.rows<ServedDelay>("hourly_delays", airport)))
  ).flat();
};

describe("the shipped application", () => {
  test("is closed to requests without a key", async () => {
    const answer = await fetch(`${deployed.api}/v1/views/hourly_delays?key=JFK`);
    expect(answer.status).toBe(403);
  });

  test("takes flights, and folds each once", async () => {
    const result = await postFlights(flights.slice(0, BEFORE));
    expect(result).toMatchObject({ accepted: BEFORE, rejected: 0 });
    await eventually("every flight is folded", heads, (seen) => expect(total(seen, "input")).toBe(BEFORE));
  });

  test("keeps a record that nobody can read among the failed events", async () => {
    const Data = Buffer.from("no JSON");
    await clients.kinesis.send(
      new PutRecordCommand({ StreamName: output("StreamFlights"), PartitionKey: "anybody", Data }),
    );
    await eventually(
      "the record has failed",
      () => api.failed("flight-delays"),
      (seen) => expect(seen).toMatchObject([{ stage: reader.id, payload: "no JSON" }]),
    );
  });
});

describe("an update of the stack", () => {
  test("changes the code while windows are open", async () => {
    const before = await heads();
    expect(total(before, "open")).toBeGreaterThan(0);
    deployed = await deployLocal(localStack.endpoint, ...NEXT_VERSION);
    await unpackCodeAgain(localStack.endpoint, STACK);
    const again = flights.slice(REPEATED.from, REPEATED.to);
    await postFlights([...again, ...flights.slice(BEFORE, SAVED)]);
    const posted = SAVED + again.length;
    const after = await eventually("every flight is folded", heads, (seen) =>
      expect(total(seen, "input")).toBe(posted),
    );
    const versions = (of: readonly (Head | undefined)[]) =>
      new Set(of.flatMap((head) => head?.codeVersion ?? []));
    expect([...versions(after)]).not.toEqual([...versions(before)]);
  });

  test("keeps the ids that the code before remembers", async () => {
    const { from, to } = REPEATED;
    expect(total(await heads(), "duplicates")).toBe(flown(from, to));
  });
});

describe("a savepoint", () => {
  const POSTED = SAVED + REPEATED.to - REPEATED.from;
  const place = join(mkdtempSync(join(tmpdir(), "millrace-localstack-")), "outputs.json");
  afterAll(() => rmSync(dirname(place), { recursive: true }));

  async function savepoint<T>(...args: readonly string[]): Promise<T> {
    await writeFile(place, JSON.stringify({ [STACK]: deployed.outputs }));
    const said = await millrace([...args, "--outputs", place, "--endpoint", localStack.endpoint, "--json"]);
    expect([said.exitCode, said.stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(said.stdout);
  }

  const restore = (...options: readonly string[]): Promise<InPlace> =>
    savepoint("restore", "first", NEXT_PIPELINES, "--remove-abandoned", ...options);

  const lakeCommits = async () => (await heads(lake))[0]?.v ?? 0;

  test("is taken while the application runs", async () => {
    const taken = await savepoint("savepoint", "create", NEXT_PIPELINES, "--id", "first");
    expect(taken).toMatchObject({ id: "first", application: "samples", epoch: 0 });
    expect(await savepoint("savepoint", "list")).toMatchObject([{ id: "first" }]);
    expect(await savepoint("savepoint", "show", "first")).toEqual(taken);
  });

  test("takes the application back: what came after it is read again", async () => {
    const saved = await lakeCommits();
    await postFlights([...flights.slice(SAVED), ...flights.slice(BEHIND.from, BEHIND.to)]);
    const after = POSTED + FLIGHTS - SAVED + BEHIND.to - BEHIND.from;
    await eventually("all is folded", heads, (seen) => expect(total(seen, "input")).toBe(after));
    await eventually("the lake has more", lakeCommits, (commits) => expect(commits).toBeGreaterThan(saved));
    const first = await restore();
    expect(first).toMatchObject({ epoch: 1, dropped: [] });
    epoch = 1;
    expect(total(await heads(), "input")).toBe(POSTED);
    deployed = await deployLocal(localStack.endpoint, ...NEXT_VERSION, "-c", "epoch=1");
    await unpackCodeAgain(localStack.endpoint, STACK);
    await eventually("all is folded again", heads, (seen) => expect(total(seen, "input")).toBe(after));
    const { from, to } = REPEATED;
    expect(total(await heads(), "duplicates")).toBe(flown(from, to) + flown(BEHIND.from, BEHIND.to));
    // once more, for what an environment of the epoch before has still written
    const again = await restore("--epoch", "1");
    expect(total(await heads(), "input")).toBe(after);
    expect(first.abandoned.files + again.abandoned.files).toBeGreaterThan(0);
  });
});

/** How many of some flights are counted. */
const flown = (from: number, to: number): number =>
  flights.slice(from, to).filter(({ cancelled }) => !cancelled).length;

describe("the end of the input", () => {
  test("closes the windows that the code before opened, and gives what SQL gives", async () => {
    await endFlights();
    const last = () => Promise.all(stages.map(heads));
    await eventually("every partition has come to its end", last, (seen) =>
      expect(seen.flat().map((head) => head?.watermark)).toEqual(seen.flat().map(() => END_OF_TIME)),
    );
    expect((await served()).map(asOracleRow)).toEqual(oracle.hourly);
    // LocalStack has read each stream again from its start
    expect(await api.failed("flight-delays")).toHaveLength(1);
  });

  test("writes each pane to the lake once, before it and after", async () => {
    await eventually(
      "the table is what SQL gives",
      () => withLakeTable(clients.s3, output("BucketName"), "hourly_delays", finalLakeRows),
      (rows) => expect(rows).toEqual(oracle.hourly),
    );
  });

  test("sends flights that come too late to their own table", async () => {
    expect(oracle.late.length).toBeGreaterThan(0);
    await eventually(
      "the table has the late ones",
      () => withLakeTable(clients.s3, output("BucketName"), "late_flights", lateIds),
      (ids) => expect(ids).toEqual(oracle.late.map(({ id }) => id)),
    );
  });
});

/** Says in each partition that nothing follows. */
const endFlights = (): Promise<void> => {
  const { partitions } = reader;
  const sentAt = systemClock.now();
  const frames = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    partitions,
    data: encodeFrame({ kind: "end", stream: "flights", partition, sentAt }, zstd),
  }));
  const nameOf = () => output("StreamFlights");
  return kinesisStreams({ client: clients.kinesis, clock: systemClock, nameOf }).publish("flights", frames);
};

describe("probes", () => {
  const probe = (name: string) => ({ id: `${name}-1`, time: systemClock.now(), name });

  test("on which an operator throws are among the failed events, and the others go on", async () => {
    const poison = probe("poison");
    expect(await api.post("probes", [poison, probe("good")])).toMatchObject({ accepted: 2 });
    await eventually(
      "the poisoned probe has failed",
      () => api.failed("counted-probes"),
      (seen) =>
        expect(seen).toMatchObject([
          { payload: poison, error: { code: "OPERATOR_FAILED", message: "cannot count this" } },
        ]),
    );
    await eventually(
      "the good probe has passed",
      () => api.rows("passed_probes", "good"),
      (seen) => expect(seen).toMatchObject([{ name: "good" }]),
    );
  });

  test("are read by a third pipeline through a consumer of its own", async () => {
    await eventually(
      "both probes are seen",
      () => Promise.all(["good", "poison"].map((name) => api.rows("seen_probes", name))),
      (seen) => expect(seen).toMatchObject([[{ name: "good" }], [{ name: "poison" }]]),
    );
  });

  test("at which a stage stops are told to the queue once Lambda gives them up, and the stage goes on", async () => {
    expect(await api.post("probes", [probe("stop")])).toMatchObject({ accepted: 1 });
    const { queues } = await remainsOf(clients, STACK);
    const QueueUrl = queues.find((url) => url.includes("Abandoned"));
    const receive = async () =>
      (await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }))).Messages ?? [];
    const [message] = await eventually("the queue is told", receive, (seen) => expect(seen).toHaveLength(1));
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({
      requestContext: { condition: "RetryAttemptsExhausted" },
      KinesisBatchInfo: {
        batchSize: 1,
        shardId: "shardId-000000000000",
        streamArn: expect.stringContaining(output("StreamProbes")),
      },
    });
    await api.post("probes", [{ ...probe("good"), id: "good-2" }]);
    await eventually(
      "the stage has gone on",
      () => api.rows("passed_probes", "good"),
      (seen) => expect(seen).toMatchObject([{ id: "good-1" }, { id: "good-2" }]),
    );
  });

  test("have their windows closed by ticks of the schedule", async () => {
    await eventually(
      "a tick has closed the window",
      () => api.rows<object>("counted_probes", "good"),
      (seen) => expect(seen[0]).toMatchObject({ pane: { timing: "on-time" } }),
      { withinMs: 180_000 },
    );
  });
});

// lines and counts come behind what they tell of, and of a busy LocalStack's log some never do
describe("the functions", () => {
  const lines = (): Promise<LogLine[]> => logLines(clients.logs, STACK);

  test("have logged why a stage stopped, with the error's code", async () => {
    await eventually("the log says why", lines, (seen) => {
      const errors = seen.filter(({ level, service }) => level === "ERROR" && service === STOPPING);
      expect(JSON.stringify(errors)).toContain("OPERATOR_HALTED");
    });
  });

  test("have written metrics of what they took, of where they stopped and of ticks", async () => {
    const seen = await eventually("each metric is written", lines, (written) => {
      expect(metricTotal(written, "ingest", "EventsAccepted")).toBeGreaterThan(0);
      expect(metricTotal(written, reader.id, "RecordsReceived")).toBeGreaterThan(0);
      expect(metricTotal(written, STOPPING, "BatchesStopped")).toBeGreaterThan(0);
      expect(written.filter((line) => line.service === "clock" && "TicksSent" in line)).not.toEqual([]);
    });
    expect(metricTotal(seen, "ingest", "EventsAccepted")).toBeLessThanOrEqual(
      FLIGHTS + REPEATED.to - REPEATED.from + BEHIND.to - BEHIND.from + PROBES,
    );
  });

  test("have been counted by CloudWatch", async () => {
    const invoked = async () => [...(await invokedFunctions(clients.cloudwatch))].join();
    await eventually("each is counted", invoked, (names) => {
      for (const name of ["Ingest", "Query", "Clock", "Stagesflightdelays", "Stagespassedprobes"])
        expect(names).toContain(`${STACK}-${name}`);
    });
  });
});

test("cdk destroy leaves the data and the streams of producers, and nothing else", async () => {
  await destroy(localStack.endpoint, ...NEXT_VERSION);
  expect(await stackExists(localStack.endpoint, STACK)).toBe(false);
  const { queues, tables, buckets, streams } = await remainsOf(clients, STACK);
  const { outputs } = deployed;
  const { LogTable, ViewsTable, FailedTable, BucketName } = outputs;
  expect(queues).toEqual([]);
  expect(tables).toEqual([FailedTable, LogTable, ViewsTable]);
  expect(buckets).toEqual([BucketName]);
  expect(streams).toEqual(
    Object.keys(outputs)
      .filter((name) => name.startsWith("Stream"))
      .map((name) => outputs[name])
      .sort(),
  );
  expect((await fetch(`${deployed.api}/v1/views/hourly_delays?key=JFK`)).status).toBe(404);
});
