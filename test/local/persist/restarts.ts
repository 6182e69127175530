import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc } from "@fast-check/vitest";
import type { ServiceFaults, ServiceName } from "../../../local/models/faults.ts";
import { ServiceError } from "../../../local/models/service-error.ts";
import { Persistence, type PersistentModel } from "../../../local/persist/persistence.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { milliseconds } from "../../../shared/time/time.ts";
import { ManualClock } from "../models/manual-clock.ts";

/** A call of a model's operation, by its method. */
export type Call = { readonly call: string; readonly input: unknown };

/** What happens between two calls. */
export type Event =
  | { readonly event: "wait"; readonly ms: number }
  /** The process ends, as it should or by `kill -9`, perhaps in the middle of writing; another one starts. */
  | { readonly event: "restart"; readonly how: "closed" | "killed" | "torn" | "compacted" }
  | { readonly event: "compact" };

/** @param longestWait - milliseconds that pass at once, at most */
const anyEvent = (longestWait: number): fc.Arbitrary<Event> =>
  fc.oneof(
    fc.record({ event: fc.constant("wait" as const), ms: fc.oneof(fc.nat(3_000), fc.nat(longestWait)) }),
    fc.record({
      event: fc.constant("restart" as const),
      how: fc.constantFrom("closed" as const, "killed" as const, "torn" as const, "compacted" as const),
    }),
    fc.constant({ event: "compact" as const }),
  );

const THREE_DAYS_MS = 259_200_000;

/** A sequence of calls with events between them. */
export const anySteps = (
  call: fc.Arbitrary<Call>,
  longestWait: number = THREE_DAYS_MS,
): fc.Arbitrary<(Call | Event)[]> =>
  fc.array(fc.oneof({ weight: 5, arbitrary: call }, { weight: 2, arbitrary: anyEvent(longestWait) }), {
    maxLength: 40,
    size: "max",
  });

export type Subject<Model extends PersistentModel> = {
  readonly service: ServiceName;
  make(options: { readonly clock: Clock; readonly faults?: ServiceFaults }): Model;
  /** How a call is made. @default by the method of its name */
  call?(model: Model, call: Call): unknown;
  /** All that callers can see of it. */
  observe(model: Model): unknown;
};

/** After it nothing is on its way to another state. */
const SETTLED = milliseconds(5_000);

/** What became of a sequence of calls: each answer, and what can be seen at the end. */
export type Story = { readonly answers: readonly unknown[]; readonly end: unknown };

/** Does the calls on a model whose process never ends. */
export function told<Model extends PersistentModel>(
  subject: Subject<Model>,
  steps: readonly (Call | Event)[],
): Story {
  const { make, observe } = subject;
  const clock = new ManualClock();
  const model = make({ clock });
  const answers: unknown[] = [];
  for (const step of steps)
    if ("call" in step) answers.push(answerOf(subject, model, step));
    else if (step.event === "wait") clock.advance(milliseconds(step.ms));
  clock.advance(SETTLED);
  return { answers, end: plain(observe(model)) };
}

/** Does them on a model that is kept in a folder, and whose process ends as the events say. */
export async function toldWithRestarts<Model extends PersistentModel>(
  subject: Subject<Model>,
  steps: readonly (Call | Event)[],
): Promise<Story> {
  const { service, make, observe } = subject;
  const folder = mkdtempSync(join(tmpdir(), "millrace-persist-"));
  const clock = new ManualClock();
  const start = () => {
    const persistence = new Persistence({
      folder,
      clock,
      onFailure: (error) => {
        throw error;
      },
    });
    const model = make({ clock: persistence.clock, faults: persistence.faults() });
    persistence.restore({ [service]: model });
    return { persistence, model };
  };
  let running = start();
  let compacting: Promise<void> | undefined;
  try {
    const answers: unknown[] = [];
    for (const step of steps)
      if ("call" in step) answers.push(answerOf(subject, running.model, step));
      else if (step.event === "wait") clock.advance(milliseconds(step.ms));
      else if (step.event === "compact") {
        // it has taken its picture and writes it while the next calls are made
        compacting = running.persistence.compact();
        for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
      } else {
        await compacting;
        if (step.how === "closed") await running.persistence.close();
        if (step.how === "compacted") await running.persistence.compact();
        if (step.how === "torn") tear(folder);
        running = start();
      }
    clock.advance(SETTLED);
    return { answers, end: plain(observe(running.model)) };
  } finally {
    await running.persistence.close();
    rmSync(folder, { recursive: true });
  }
}

/** Leaves a part of a value behind, as a process does that dies while it writes. */
function tear(folder: string): void {
  const [last] = readdirSync(folder)
    .filter((name) => name.startsWith("journal"))
    .sort((a, b) => Number(b.split("-")[1]) - Number(a.split("-")[1]));
  if (last !== undefined) appendFileSync(join(folder, last), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5, 6]));
}

/** With bytes as text: a Buffer and another view of the same bytes are the same. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

type Methods = Readonly<Record<string, (input: unknown) => unknown>>;

function answerOf<Model extends PersistentModel>(
  { call }: Subject<Model>,
  model: Model,
  asked: Call,
): unknown {
  try {
    if (call !== undefined) return plain(call(model, asked));
    return plain((model as unknown as Methods)[asked.call]?.(asked.input));
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

/** The methods of a model that may change it: a call of each must be among those that are tried. */
export const changesOf = (model: PersistentModel, others: readonly string[] = []): readonly string[] =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(model))
    .filter((name) => !READ.test(name) && !NO_OPERATIONS.has(name) && !others.includes(name))
    .sort();

/** Which of some calls change nothing, by their names: they are tried, too, as a read may tidy up. */
export const isChange = (call: string): boolean => !READ.test(call);

const READ = /^(batchGet|describe|get|head|list|query|scan|transactGet)/;
const NO_OPERATIONS = new Set(["constructor", "save", "restore", "stats"]);
