import { sendTicks } from "../../../functions/clock/send-ticks.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import type { Compression } from "../../../shared/frames/compression.ts";
import { encodeFrame } from "../../../shared/frames/encode.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import type { LookupPlan } from "../../../shared/plan/plan.ts";
import type { Planned } from "../../../shared/plan/planner.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import type { OutRecord, Streams } from "../../../shared/protocol/ports.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import { type BatchOutcome, StageLoop } from "../../../shared/protocol/stage-loop.ts";
import {
  type DurationMs,
  END_OF_TIME,
  type EpochMs,
  epochMs,
  milliseconds,
  minus,
  minutes,
  plus,
} from "../../../shared/time/time.ts";
import { ServiceError } from "../../models/service-error.ts";
import { simulatedEnvironment } from "../environment.ts";
import { type Gate, openGate } from "../gate.ts";
import { type LookupContent, writeLookup } from "../lookup-rows.ts";
import { simulatedStreams } from "../ports/streams.ts";
import type { Random } from "../random.ts";
import { createServices, type PlannedStream, type Services, streamsOf } from "../services.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { Gatehouse, type Waiting } from "./gatehouse.ts";
import { Ledger, type Reach } from "./ledger.ts";
import { type Delivery, Mapping } from "./mapping.ts";
import { Shards } from "./shards.ts";
import type { Trace } from "./trace.ts";
import { violated } from "./violated.ts";
import type { Setting } from "./weather.ts";
import type { Sleep, Worker, WorkerCode } from "./worker.ts";

const START = epochMs(1_704_067_200_000);
/** As the deployed clock ticks. */
const TICK_EVERY = minutes(1);

/** What an attempt to commit was made of. */
type Attempt = { readonly worker: Worker | undefined; readonly records: readonly InRecord[] };

/** A whole deployment in one thread, and all that can be done to it. Nothing in it chooses anything. */
export class World {
  readonly services: Services;
  readonly ledger: Ledger;
  /** Reaches the world past all gates, in the epoch that runs. */
  plain: Environment;
  /** Grows where a savepoint is restored. */
  epoch = 0;
  readonly planned: Planned;
  readonly streams: readonly PlannedStream[];
  readonly shards: Shards;
  mappings: readonly Mapping[];
  readonly workers: Worker[] = [];
  readonly trace: Trace;
  /** By nonce: what an environment had when it took it. */
  readonly attempts: Map<string, Attempt> = new Map();
  /** Records that nobody can read, and the streams that they were put into. */
  readonly planted: Map<Uint8Array, string> = new Map();
  tickSkew: DurationMs = milliseconds(0);
  /** The next cold reader of a log stops until old entries are deleted. */
  raceArmed = false;
  readonly #setting: Setting;
  readonly #compression: Compression;
  readonly #clock = new VirtualClock(START);
  readonly #gatehouse: Gatehouse<Worker>;
  readonly #producer: Streams;
  readonly #held: { readonly dueAt: EpochMs; readonly stream: string; readonly record: OutRecord }[] = [];
  #lastTick: EpochMs = START;
  #made = 0;

  readonly #older: ReadonlyMap<string, Stage> | undefined;
  /** What new environments run. */
  #newest: "usual" | "older";

  /** @param older - stages of the application's version before, which runs until `deploy` */
  constructor(
    planned: Planned,
    setting: Setting,
    compression: Compression,
    trace: Trace,
    older?: ReadonlyMap<string, Stage>,
  ) {
    this.planned = planned;
    this.#older = older;
    this.#newest = older === undefined ? "usual" : "older";
    this.trace = trace;
    this.#setting = setting;
    this.#compression = compression;
    this.ledger = new Ledger(compression, {
      commit: (stage, nonce) => this.#committed(stage, nonce),
      truncate: (stage) => this.#happened(stage, "truncation"),
    });
    this.#gatehouse = new Gatehouse((call) => this.ledger.watch(call));
    this.services = createServices(planned.plan, this.#clock, this.#gatehouse.faults);
    this.streams = streamsOf(planned.plan);
    this.shards = new Shards(this.services.kinesis, this.streams);
    this.mappings = this.#map();
    this.plain = this.#environment(openGate, undefined);
    this.#producer = simulatedStreams(this.services, openGate);
  }

  get now(): EpochMs {
    return this.#clock.now();
  }

  /** Calls that may go on. */
  get calls(): Waiting<Worker>[] {
    return this.#gatehouse.waiting.filter(({ owner }) => owner.asleep === undefined);
  }

  /** Workers that have a batch and go on with it. */
  get busy(): Worker[] {
    return this.workers.filter(({ delivery, asleep }) => delivery !== undefined && asleep === undefined);
  }

  /** Idle workers whose stage went on without them. */
  get stale(): Worker[] {
    return this.workers.filter(
      (worker) =>
        worker.delivery === undefined && worker.seen > 0 && this.#version(worker.mapping) > worker.seen,
    );
  }

  /** Whether nothing is on its way. */
  get quiet(): boolean {
    return this.#gatehouse.waiting.length === 0 && this.mappings.every(({ caughtUp }) => caughtUp);
  }

  /** What somebody outside the stages reaches, each call behind a gate. */
  outside(gate: Gate): Environment {
    return this.#environment(gate, undefined);
  }

  /**
   * The next epoch is deployed: its mappings begin at the oldest records. Whoever runs now belongs to the one before.
   * @param reach - how far that one counts
   */
  goOn(reach: Reach): void {
    this.trace.add(`epoch ${this.epoch + 1}`);
    this.epoch += 1;
    this.ledger.end(reach);
    this.mappings = this.#map();
    this.plain = this.#environment(openGate, undefined);
  }

  #map(): Mapping[] {
    return [...this.planned.stages.values()].map(
      (stage) => new Mapping(stage, this.shards, this.#setting.batch),
    );
  }

  /** A fault has had its effect. */
  count(fault: string): void {
    this.trace.count(fault);
  }

  /** Lets a little time pass, and the clock function do its work where its minute has come. */
  async wait(by: DurationMs): Promise<void> {
    this.#clock.advance(by);
    await this.#handOver(this.now);
    if (minus(this.now, TICK_EVERY) < this.#lastTick) return;
    this.#lastTick = this.now;
    await this.#tick();
  }

  /** Lets the time of the next ticks come, and no tick with it. */
  loseTicks(): void {
    this.#lastTick = plus(this.#lastTick, TICK_EVERY);
    if (this.#lastTick > this.now) this.#clock.advance(milliseconds(this.#lastTick - this.now));
  }

  /** Lets so much time pass that no batch outlives it. */
  pass(by: DurationMs): void {
    for (const worker of [...this.workers]) if (worker.delivery !== undefined) this.crash(worker);
    this.#clock.advance(by);
  }

  /** What a producer sends is there at once: its own retries are part of the input. */
  async send(stream: string, records: readonly OutRecord[]): Promise<void> {
    this.trace.add("send");
    await this.#producer.publish(stream, records);
  }

  /** Gives a table outside other rows. */
  writeLookup(table: LookupPlan, content: LookupContent): void {
    this.trace.add(`rows of ${table.name}`);
    writeLookup(this.services, table, content);
  }

  /** Puts a record into a stream that no stage can read. */
  async plant({ id, partitions }: PlannedStream, partition: number, data: Uint8Array): Promise<void> {
    this.planted.set(data, id);
    await this.#producer.publish(id, [{ partition, partitions, data }]);
  }

  /** Ends every stream of events. */
  async end(): Promise<void> {
    for (const stream of this.planned.plan.streams)
      for (let partition = 0; partition < stream.partitions; partition += 1)
        await this.control("end", stream, partition);
  }

  /** Sends a control record that arrives `late`. */
  async control(
    kind: "tick" | "end",
    { id: stream, partitions }: PlannedStream,
    partition: number,
    late: DurationMs = milliseconds(0),
  ): Promise<void> {
    const sentAt = plus(this.now, kind === "tick" ? this.tickSkew : milliseconds(0));
    const data = encodeFrame({ kind, stream, partition, sentAt }, this.#compression);
    const record = { partition, partitions, data };
    if (late === 0) await this.#producer.publish(stream, [record]);
    else this.#held.push({ dueAt: plus(this.now, late), stream, record });
  }

  /** Lets a call go on: it is done, or gives its answer. */
  async release(call: Waiting<Worker>, failure?: Parameters<typeof call.release>[0]): Promise<void> {
    this.trace.add(`${call.owner.name} ${call.operation} ${call.done ? "done" : (failure?.kind ?? "do")}`);
    this.#gatehouse.take(call);
    call.release(failure);
    if (call.done) await this.#settled();
  }

  /**
   * Gives a batch to a worker, by default to an idle one or a new one. False where all are busy.
   * @param random - chooses the worker
   */
  async deliver(mapping: Mapping, delivery: Delivery, to?: Worker, random?: Random): Promise<boolean> {
    const worker = to ?? this.idle(mapping, random);
    if (worker === undefined) return false;
    this.trace.add(`${worker.name} gets ${delivery.records.length} of ${delivery.shard.id}`);
    worker.delivery = delivery;
    if (mapping.overtakes(delivery.shard)) this.count("children-first");
    void worker.loop.run(delivery.records).then(
      (outcome) => this.#finished(worker, outcome),
      (thrown: unknown) => this.trace.fail(`stage "${mapping.stage.id}" rejected a batch: ${thrown}`),
    );
    await this.#settled();
    return true;
  }

  /** Gives the next batch of a stage to a new worker that runs other code. */
  async deliverTo(code: Exclude<WorkerCode, "usual">, random: Random): Promise<string | undefined> {
    const mapping = random.pick(
      this.mappings.filter(
        ({ stage, ready }) => ready.length > 0 && (code === "older" || this.#begun(stage)),
      ),
    );
    const shard = mapping && random.pick(mapping.ready);
    if (mapping === undefined || shard === undefined) return undefined;
    const worker = this.#spawn(mapping, code);
    await this.deliver(mapping, mapping.lease(shard, 1 + random.below(mapping.batch)), worker);
    return worker.name;
  }

  /** A worker of a stage that has no batch, warm or new; undefined where all are busy. */
  idle(mapping: Mapping, random?: Random): Worker | undefined {
    const workers = this.workers.filter(
      (worker) => worker.mapping === mapping && worker.asleep === undefined,
    );
    // an environment of the version before still gets a batch now and then
    const choosy = this.#older !== undefined && random?.chance(0.3) !== true;
    const free = workers.filter(
      ({ delivery, code }) => delivery === undefined && !(choosy && code !== this.#newest),
    );
    const idle = random === undefined ? free[0] : random.pick(free);
    if (idle !== undefined && random?.chance(0.8) !== false) return idle;
    // those of the version before take no place from those of the present one
    const counted = this.#older === undefined ? workers : workers.filter(({ code }) => code === this.#newest);
    return counted.length < this.#setting.environments ? this.#spawn(mapping, this.#newest) : idle;
  }

  /** Whether the application has a version before. */
  get isUpgraded(): boolean {
    return this.#older !== undefined;
  }

  /** New environments run the application's present version; those of the version before stay as they are. */
  deploy(): void {
    if (this.#newest === "usual") return;
    this.trace.add("deploy");
    this.#newest = "usual";
  }

  /** A stage as a version of the code has it. */
  stageOf(stage: Stage, code: string): Stage {
    return (code === "older" ? this.#older?.get(stage.id) : undefined) ?? stage;
  }

  crash(worker: Worker): void {
    this.trace.add(`${worker.name} ends`);
    this.#gatehouse.forget(worker);
    this.workers.splice(this.workers.indexOf(worker), 1);
    if (worker.delivery !== undefined) worker.mapping.expire(worker.delivery);
  }

  /** Stops a worker where it is until so much has happened to its stage, and gives its batch to another. */
  sleep(worker: Worker, fault: string, until: Sleep["until"], left: number): void {
    this.trace.add(`${worker.name} sleeps`);
    worker.asleep = { fault, until, left, overtaken: false };
    if (worker.delivery !== undefined) worker.mapping.expire(worker.delivery);
  }

  /** Stops the next cold reader of a log between its snapshot and its entries, where that was asked for. */
  race({ owner, operation, done }: Waiting<Worker>): boolean {
    if (!this.raceArmed || !done || operation !== "dynamodb GetItem") return false;
    this.raceArmed = false;
    this.sleep(owner, "truncation-race", "truncation", 1);
    return true;
  }

  async #handOver(due: EpochMs): Promise<void> {
    for (const held of this.#held.filter(({ dueAt }) => dueAt <= due)) {
      this.#held.splice(this.#held.indexOf(held), 1);
      await this.#producer.publish(held.stream, [held.record]);
    }
  }

  /** Takes back what was still to come but late ticks, which come now. */
  async calm(): Promise<void> {
    await this.#handOver(END_OF_TIME);
    this.raceArmed = false;
    this.deploy();
    if (this.#older !== undefined)
      for (const worker of [...this.workers]) if (worker.code === "older") this.crash(worker);
    for (const mapping of this.mappings) mapping.batch = Math.max(mapping.batch, this.#setting.batch);
  }

  /** Wakes all that sleep. */
  wake(): void {
    for (const worker of this.workers) if (worker.asleep !== undefined) this.#wake(worker);
  }

  #finished(worker: Worker, { firstFailed, causes }: BatchOutcome): void {
    this.trace.add(`${worker.name} answers ${firstFailed ?? ""}`);
    const { mapping, code } = worker;
    for (const cause of causes)
      if ((code !== "foreign" || !isMismatch(cause)) && !(code === "older" && this.#isTooOld(cause)))
        if (!isPassing(cause)) this.trace.fail(`stage "${mapping.stage.id}" stopped: ${cause}`);
    if (worker.delivery !== undefined) mapping.settle(worker.delivery, firstFailed);
    worker.delivery = undefined;
    worker.seen = this.#version(mapping);
    if (code === "older" && causes.some((cause) => this.#isTooOld(cause))) {
      this.trace.add(`${worker.name} is too old`);
      this.crash(worker);
    }
    if (code !== "foreign") return;
    if (causes.some(isMismatch)) this.count("foreign-code");
    this.crash(worker);
  }

  /** All that was set going has come to its next gate: promises come before immediates. */
  async #settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const [first] = this.trace.violations;
    if (first !== undefined) throw violated(first);
  }

  /** Whether the version before met what the present one wrote. */
  #isTooOld(cause: unknown): boolean {
    const met = cause instanceof MillraceError && cause.code === "STATE_VERSION";
    return met && this.#older !== undefined && this.#newest === "usual";
  }

  #spawn(mapping: Mapping, code: WorkerCode): Worker {
    const gate: Gate = (...call) => this.#gatehouse.gateOf(worker)(...call);
    const { stage } = mapping;
    const worker: Worker = {
      name: `${stage.id}/${this.#made++}`,
      mapping,
      loop: new StageLoop(
        code === "foreign" ? { ...stage, fingerprint: "of another shape" } : this.stageOf(stage, code),
        this.#environment(gate, () => worker, code),
      ),
      code,
      delivery: undefined,
      asleep: undefined,
      skew: milliseconds(0),
      seen: 0,
    };
    this.workers.push(worker);
    return worker;
  }

  #committed(stage: string, nonce: string): void {
    const by = this.attempts.get(nonce)?.worker;
    if (by?.code === "older") this.count("older-code");
    if (by?.code === "foreign") this.trace.fail(`stage "${stage}": a build of another shape wrote an entry`);
    this.#happened(stage, "commit");
  }

  #happened(stage: string, what: Sleep["until"]): void {
    for (const worker of this.workers) {
      const { asleep, mapping } = worker;
      if (asleep?.until !== what || mapping.stage.id !== stage) continue;
      asleep.overtaken = true;
      asleep.left -= 1;
      if (asleep.left === 0) this.#wake(worker);
    }
  }

  #wake(worker: Worker): void {
    if (worker.asleep?.overtaken === true) this.count(worker.asleep.fault);
    worker.asleep = undefined;
    this.trace.add(`${worker.name} wakes`);
  }

  /** How many entries a stage has. */
  #version({ stage: { id, partitions } }: Mapping): number {
    let entries = 0;
    for (let partition = 0; partition < partitions; partition += 1)
      entries += this.ledger.log(id, partition).length;
    return entries;
  }

  /** Whether every partition of a stage has an entry, which says what shape its state has. */
  #begun({ id, partitions }: Mapping["stage"]): boolean {
    for (let partition = 0; partition < partitions; partition += 1)
      if (this.ledger.log(id, partition).length === 0) return false;
    return true;
  }

  async #tick(): Promise<void> {
    await sendTicks(this.planned.stages, {
      readHead: async ({ stage, partition }) => this.ledger.log(stage, partition).at(-1),
      streams: this.#producer,
      compression: this.#compression,
      clock: { now: () => plus(this.now, this.tickSkew) },
    });
  }

  #environment(gate: Gate, worker: (() => Worker) | undefined, code = "usual"): Environment {
    return simulatedEnvironment({
      codeVersion: code,
      epoch: this.epoch,
      snapshotEntries: this.#setting.snapshotEntries,
      inlineBytes: this.#setting.inlineBytes,
      state: this.#setting.state,
      services: this.services,
      tables: this.planned.plan.lookups,
      gate,
      clock: worker === undefined ? this.#clock : { now: () => plus(this.now, worker().skew) },
      compression: this.#compression,
      nonce: () => {
        const nonce = `nonce-${this.attempts.size}`;
        this.attempts.set(nonce, { worker: worker?.(), records: worker?.().delivery?.records ?? [] });
        return nonce;
      },
    });
  }
}

const isMismatch = (cause: unknown): boolean =>
  cause instanceof MillraceError && cause.code === "STATE_MISMATCH";

/** What a batch may end with where services fail, or where a cold reader meets a log that is being shortened. */
const PASSING: ReadonlySet<unknown> = new Set([
  "PUBLISH_FAILED",
  "LOOKUP_UNAVAILABLE",
  "BLOB_CONTESTED",
  "BODY_DAMAGED",
  "LOG_GAP",
  // of an environment that is left behind
  "EPOCH_ENDED",
]);

/** Whether the same batch may get through when it is delivered again. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof ServiceError || (cause instanceof MillraceError && PASSING.has(cause.code));
