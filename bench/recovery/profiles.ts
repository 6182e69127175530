import type { StandardSchemaV1 } from "@standard-schema/spec";
import { zstd } from "../../functions/aws/zstd.ts";
import type { WireEvent } from "../../shared/events/event.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import {
  type Application,
  application,
  count,
  days,
  last,
  minutes,
  pipeline,
  session,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import type { StageLoop } from "../../shared/protocol/stage-loop.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** An event of a user, and the profile that it leaves. */
type Seen = { readonly user: number; readonly profile: string; readonly at: number };

/** An event, still without its time. */
export type User = Omit<Seen, "at">;

/** Ingest has validated what is in a record. */
const schema: StandardSchemaV1<unknown, Seen> = {
  "~standard": { version: 1, vendor: "millrace-bench", validate: (value) => ({ value: value as Seen }) },
};

const seen = stream("seen", { schema, time: "at", key: "user", partitions: 1 });

const only = (planned: Planned): Stage => {
  const [stage] = [...planned.stages.values()];
  if (stage === undefined) throw new Error("the application has no stage");
  return stage;
};

/** How long a profile's window is: none ends while anything is measured. */
export const PROFILE_DAYS = 3_650;

/** A row of state per user, of about a kilobyte; each event gives a pane. */
const profiles: Application = application("profiles", {
  streams: [seen],
  pipelines: [
    pipeline("profiles", (p) => {
      p.from(seen)
        .keyBy("user")
        .window(tumbling(days(PROFILE_DAYS)), { id: "profile", trigger: { early: { events: 1 } } })
        .aggregate({ events: count(), profile: last("profile") })
        .to(view("profiles", { key: (r) => r.key }));
    }),
  ],
});
export const profilesStage: Stage = only(planApplication(profiles));

/** Sessions with a counter, which end half an hour after the user's last event. */
export const sessions: Application = application("sessions", {
  streams: [seen],
  pipelines: [
    pipeline("sessions", (p) => {
      p.from(seen)
        .keyBy("user")
        .window(session(minutes(30)), { id: "session" })
        .aggregate({ events: count() })
        .to(view("sessions", { key: (r) => r.key, sort: (r) => r.window.start }));
    }),
  ],
});
export const sessionsStage: Stage = only(planApplication(sessions));

/** Letters that no compression makes much of: six bits each. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PROFILE_CHARS = 900;
/** What a user's row comes to in a page, with its key, its window and its counters. */
export const ROW_CHARS = 1_000;

/** Numbers that are the same in each run (mulberry32). */
export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * n);
  }

  profile(): string {
    let text = "";
    for (let i = 0; i < PROFILE_CHARS; i += 5) {
      let bits = this.below(1 << 30);
      for (let j = 0; j < 5; j += 1, bits >>>= 6) text += LETTERS[bits & 63];
    }
    return text;
  }
}

/** Events of one record: below a frame's limit of a megabyte. */
const EVENTS_PER_RECORD = 800;

/** Records of events, as ingest packs them. */
export class Source {
  #sequence = 0;

  /** @param apartMs - from one event to the next */
  records(time: EpochMs, events: readonly User[], apartMs = 0): InRecord[] {
    const seen = events.map((event, i): Seen => ({ ...event, at: Math.floor(time + i * apartMs) }));
    return Array.from({ length: Math.ceil(seen.length / EVENTS_PER_RECORD) }, (_, i) =>
      this.#record(time, seen.slice(i * EVENTS_PER_RECORD, (i + 1) * EVENTS_PER_RECORD)),
    );
  }

  #record(time: EpochMs, events: readonly Seen[]): InRecord {
    this.#sequence += 1;
    const packed = events.map(
      (event, i): WireEvent => [`${this.#sequence}-${i}`, event.at as EpochMs, event],
    );
    return {
      shard: "shard-0",
      sequence: String(this.#sequence),
      partitionKey: "seen/0",
      arrivedAt: time,
      data: encodeFrame({ kind: "events", stream: "seen", partition: 0, sentAt: time, events: packed }, zstd),
    };
  }

  /** Where a second source of the same shard goes on. */
  at(sequence: number): this {
    this.#sequence = sequence;
    return this;
  }

  get sequence(): number {
    return this.#sequence;
  }
}

/** Takes events through a stage, to the end. */
export async function settled(
  loop: StageLoop,
  source: Source,
  time: EpochMs,
  events: readonly User[],
): Promise<void> {
  const { firstFailed, causes } = await loop.run(source.records(time, events));
  if (firstFailed !== undefined) throw causes[0];
}
