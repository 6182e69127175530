import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import type { Compression } from "../../../shared/frames/compression.ts";
import { encodeFrame } from "../../../shared/frames/encode.ts";
import type { Planned } from "../../../shared/plan/planner.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import type { OutRecord, Streams } from "../../../shared/protocol/ports.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import { type BatchOutcome, StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { type EpochMs, epochMs, hours, milliseconds } from "../../../shared/time/time.ts";
import { ServiceError } from "../../models/service-error.ts";
import { simulatedEnvironment } from "../environment.ts";
import { type Gate, openGate } from "../gate.ts";
import { simulatedStreams } from "../ports/streams.ts";
import type { Random } from "../random.ts";
import { createServices, type PlannedStream, type Services, streamsOf } from "../services.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { Commits } from "./commits.ts";
import { Gatehouse, type Waiting } from "./gatehouse.ts";
import { Mapping } from "./mapping.ts";
import { Shards } from "./shards.ts";
import { Trace } from "./trace.ts";
import { faultOf, type Mishap, type Weather } from "./weather.ts";
import type { Worker } from "./worker.ts";

const START = epochMs(1_704_067_200_000);
/** Between two steps, at most. */
const STEP_MS = 1_500;
/** Of the steps without a mishap: how many let a call go on, where one waits. */
const CALLS = 0.85;

/** A whole deployment in one thread: who does what next is chosen by the seed, one step at a time. */
export class World {
  readonly services: Services;
  readonly plain: Environment;
  readonly trace: Trace = new Trace();
  /** By nonce: the batch that an environment had when it took it. */
  readonly batches: Map<string, readonly InRecord[]> = new Map();
  readonly commits: Commits = new Commits();
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #planned: Planned;
  readonly #compression: Compression;
  readonly #clock = new VirtualClock(START);
  readonly #gatehouse = new Gatehouse<Worker>();
  readonly #streams: readonly PlannedStream[];
  readonly #shards: Shards;
  readonly #mappings: readonly Mapping[];
  readonly #workers: Worker[] = [];
  readonly #producer: Streams;
  #made = 0;

  constructor(planned: Planned, random: Random, weather: Weather, compression: Compression) {
    this.#planned = planned;
    this.#random = random;
    this.#weather = weather;
    this.#compression = compression;
    const { before } = this.#gatehouse.faults;
    this.services = createServices(planned.plan, this.#clock, { before, around: this.commits.around });
    this.#streams = streamsOf(planned.plan);
    this.#shards = new Shards(this.services.kinesis, this.#streams);
    this.#mappings = [...planned.stages.values()].map(
      (stage) => new Mapping(stage, this.#shards, weather.childrenWait),
    );
    this.plain = this.#environment(openGate, () => []);
    this.#producer = simulatedStreams(this.services, openGate);
  }

  get now(): EpochMs {
    return this.#clock.now();
  }

  /** The probability that the producer sends next, rather than a step be made. */
  get pace(): number {
    return this.#weather.send;
  }

  /** What a producer sends is there at once: its own retries are part of the input. */
  async send(stream: string, records: readonly OutRecord[]): Promise<void> {
    this.trace.add("send");
    await this.#producer.publish(stream, records);
  }

  /** Ends every stream of events. */
  async end(): Promise<void> {
    for (const stream of this.#planned.plan.streams)
      for (let partition = 0; partition < stream.partitions; partition += 1)
        await this.#control("end", stream, partition);
  }

  /** Does one thing, anything. */
  async step(): Promise<void> {
    const random = this.#random;
    this.#clock.advance(milliseconds(random.below(STEP_MS)));
    if (random.chance(this.#weather.mishap)) await this.#mishap(random.pick(this.#weather.mishaps) ?? "wake");
    const call = random.chance(CALLS) ? random.pick(this.#awake()) : undefined;
    if (call === undefined) await this.#deliver();
    else if (random.chance(this.#weather.crash)) this.#crash(call.owner);
    else await this.#release(call, random.chance(this.#weather.fault) ? faultOf(random) : undefined);
  }

  /** Nothing goes wrong any more: true once every record was taken. Throws where nothing more is taken. */
  async drain(most: number): Promise<void> {
    for (const worker of this.#workers) worker.frozen = false;
    for (let steps = 0; !this.#quiet; ) {
      for (let call = this.#next(); call !== undefined; call = this.#next()) {
        steps += 1;
        if (steps > most) throw violated("the system does not come to rest");
        await this.#release(call, undefined);
      }
      if (!this.#quiet) await this.#deliver();
      steps += 1;
      if (steps > most) throw violated(`${this.#behind()} does not get through its records`);
    }
  }

  get #quiet(): boolean {
    return this.#gatehouse.waiting.length === 0 && this.#mappings.every(({ caughtUp }) => caughtUp);
  }

  #next(): Waiting<Worker> | undefined {
    return this.#random.pick(this.#gatehouse.waiting);
  }

  #behind(): string {
    return this.#mappings
      .flatMap(({ stage, caughtUp }) => (caughtUp ? [] : [`stage "${stage.id}"`]))
      .join(", ");
  }

  #awake(): Waiting<Worker>[] {
    return this.#gatehouse.waiting.filter(({ owner }) => !owner.frozen);
  }

  async #release(call: Waiting<Worker>, fault: ReturnType<typeof faultOf> | undefined): Promise<void> {
    this.trace.add(`${call.owner.name} ${call.operation} ${call.done ? "done" : (fault?.kind ?? "do")}`);
    this.#gatehouse.take(call);
    call.release(fault);
    if (call.done) await this.#settled();
  }

  async #deliver(): Promise<void> {
    const ready = this.#mappings.flatMap((mapping) => mapping.ready.map((shard) => ({ mapping, shard })));
    const chosen = this.#random.pick(ready);
    if (chosen === undefined) return;
    const worker = this.#idle(chosen.mapping);
    if (worker === undefined) return;
    const delivery = chosen.mapping.lease(chosen.shard, 1 + this.#random.below(this.#weather.batch));
    this.trace.add(`${worker.name} gets ${delivery.records.length} of ${chosen.shard.id}`);
    worker.delivery = delivery;
    void worker.loop.run(delivery.records).then(
      (outcome) => this.#finished(worker, outcome),
      (thrown: unknown) => this.trace.fail(`stage "${chosen.mapping.stage.id}" rejected a batch: ${thrown}`),
    );
    await this.#settled();
  }

  #finished(worker: Worker, { firstFailed, causes }: BatchOutcome): void {
    this.trace.add(`${worker.name} ends ${firstFailed ?? ""}`);
    for (const cause of causes)
      if (!isPassing(cause)) this.trace.fail(`stage "${worker.mapping.stage.id}" stopped: ${cause}`);
    if (worker.delivery !== undefined) worker.mapping.settle(worker.delivery, firstFailed);
    worker.delivery = undefined;
  }

  /** All that was set going has come to its next gate: promises come before immediates. */
  async #settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const [first] = this.trace.violations;
    if (first !== undefined) throw violated(first);
  }

  /** One that has no batch, warm or new; undefined where all are busy. */
  #idle(mapping: Mapping): Worker | undefined {
    const workers = this.#workers.filter((worker) => worker.mapping === mapping);
    const idle = this.#random.pick(workers.filter(({ delivery }) => delivery === undefined));
    if (idle !== undefined && this.#random.chance(0.8)) return idle;
    if (workers.length >= this.#weather.environments) return idle;
    const gate: Gate = (...call) => this.#gatehouse.gateOf(worker)(...call);
    const worker: Worker = {
      name: `${mapping.stage.id}/${this.#made++}`,
      mapping,
      loop: new StageLoop(
        mapping.stage,
        this.#environment(gate, () => worker.delivery?.records ?? []),
      ),
      delivery: undefined,
      frozen: false,
    };
    this.#workers.push(worker);
    return worker;
  }

  #crash(worker: Worker): void {
    this.trace.count("crash");
    this.trace.add(`${worker.name} crashes`);
    this.#gatehouse.forget(worker);
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    if (worker.delivery !== undefined) worker.mapping.expire(worker.delivery);
  }

  async #mishap(mishap: Mishap): Promise<void> {
    const random = this.#random;
    this.trace.count(mishap);
    this.trace.add(mishap);
    const mapping = random.pick(this.#mappings);
    const busy = random.pick(
      this.#workers.filter(({ delivery, frozen }) => delivery !== undefined && !frozen),
    );
    switch (mishap) {
      case "freeze":
        if (busy === undefined || this.#frozen(busy.mapping) + 1 >= this.#weather.environments) return;
        busy.frozen = true;
        if (busy.delivery !== undefined) busy.mapping.expire(busy.delivery);
        return;
      case "wake": {
        const asleep = random.pick(this.#workers.filter(({ frozen }) => frozen));
        if (asleep !== undefined) asleep.frozen = false;
        return;
      }
      case "expire":
        if (busy?.delivery !== undefined) busy.mapping.expire(busy.delivery);
        return;
      case "repeat": {
        const shard = mapping && random.pick(this.#shards.of(mapping.stream));
        if (shard !== undefined) mapping?.rewind(shard, 1 + random.below(8));
        return;
      }
      case "recreate":
        mapping?.recreate();
        return;
      case "reshard":
        if (mapping !== undefined) this.#shards.reshard(mapping.stream, random);
        return;
      case "tick": {
        const stream = random.pick(this.#streams);
        if (stream !== undefined) await this.#control("tick", stream, random.below(stream.partitions));
        return;
      }
      case "night":
        for (const worker of [...this.#workers]) if (worker.delivery !== undefined) this.#crash(worker);
        this.#clock.advance(hours(25));
    }
  }

  #frozen(mapping: Mapping): number {
    return this.#workers.filter((worker) => worker.mapping === mapping && worker.frozen).length;
  }

  async #control(kind: "tick" | "end", { id, partitions }: PlannedStream, partition: number): Promise<void> {
    const sentAt = this.#clock.now();
    const data = encodeFrame({ kind, stream: id, partition, sentAt }, this.#compression);
    await this.#producer.publish(id, [{ partition, partitions, data }]);
  }

  #environment(gate: Gate, batch: () => readonly InRecord[]): Environment {
    return simulatedEnvironment({
      ...this.#weather,
      services: this.services,
      gate,
      clock: this.#clock,
      compression: this.#compression,
      nonce: () => {
        const nonce = `nonce-${this.batches.size}`;
        this.batches.set(nonce, batch());
        return nonce;
      },
    });
  }
}

export const violated = (sentence: string, cause?: unknown): MillraceError =>
  new MillraceError("INVARIANT_VIOLATED", sentence, {
    next: "halted",
    ...(cause === undefined ? {} : { cause }),
  });

/** What a batch may end with where services fail, or where a cold reader meets a log that is being shortened. */
const PASSING: ReadonlySet<unknown> = new Set(["PUBLISH_FAILED", "BODY_DAMAGED", "LOG_GAP"]);

/** Whether the same batch may get through when it is delivered again. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof ServiceError || (cause instanceof MillraceError && PASSING.has(cause.code));
