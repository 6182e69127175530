import type { Campaign, Part } from "../local/simulator/chaos/campaign.ts";
import { type Minimal, scheduleText } from "../local/simulator/chaos/minimal.ts";
import type { Trial } from "../local/simulator/chaos.ts";
import { columns, grouped } from "./numbers.ts";
import type { Colors } from "./terminal.ts";

/** What a user typed, as far as a replay needs it. */
export type Invocation = {
  readonly file: string;
  readonly input: ReadonlyMap<string, string>;
  readonly lookup?: ReadonlyMap<string, string>;
  readonly pipeline?: string;
  readonly events: number;
  readonly check?: string;
};

/** A line for a part that has ended. */
export function partText({ faults, runs, injected, failures, never, points }: Part, c: Colors): string {
  const name = faults.length === 0 ? "any faults" : faults.join(" + ");
  const struck = faults.length === 0 ? Object.values(injected) : faults.map((fault) => injected[fault] ?? 0);
  const said = [
    `${grouped(runs)} runs`,
    ...(points === undefined ? [] : [`${grouped(points)} await points`]),
    `${struck.map(grouped).join(" + ")} injected`,
  ];
  if (faults.length === 0) said[said.length - 1] = `${grouped(struck.reduce((a, b) => a + b, 0))} injected`;
  if (never.length > 0) said.push(c.yellow(`${never.join(", ")} never`));
  said.push(failures > 0 ? c.red(`${failures} failed`) : c.green("all held"));
  return `${name.padEnd(24)} ${said.join(", ")}`;
}

/** What all runs came to. */
export const summaryText = ({ runs, failures, injected, never }: Campaign): string =>
  columns([
    ["runs", grouped(runs)],
    ["failed", grouped(failures)],
    ...Object.entries(injected)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([fault, n]) => [fault, grouped(n)] as const),
    ...never.map((fault) => [fault, "0"] as const),
  ]);

/** A failure in its smallest form, and the command that replays it. */
export function minimalText(found: Minimal, invocation: Invocation, c: Colors): string {
  const { seed, broken, schedule, requests, found: before } = found;
  return [
    `${c.red(c.bold(`seed ${seed}`))} fails:`,
    ...broken.slice(0, 5).map((sentence) => `  ${sentence}`),
    `${c.bold("smallest schedule")}: ${schedule.length} of ${before.strikes} strikes, ${requests?.length ?? before.requests} of ${before.requests} requests`,
    ...(schedule.length === 0 ? ["  it fails though nothing goes wrong"] : strikes(schedule)),
    `${c.dim("→")} ${replayCommand(found, invocation)}`,
  ].join("\n");
}

/** One run. */
export const trialText = ({ seed, steps, trace, struck, broken }: Trial): string =>
  [
    `seed ${seed}, ${steps} steps, trace ${trace}`,
    ...strikes(struck),
    ...(broken.length === 0 ? ["all held"] : broken.map((sentence) => `✗ ${sentence}`)),
  ].join("\n");

const strikes = (schedule: Minimal["schedule"]): string[] =>
  schedule.map(({ step, fault, what }) => `  step ${String(step).padEnd(6)} ${fault.padEnd(20)} ${what}`);

function replayCommand({ seed, schedule, requests }: Minimal, invocation: Invocation): string {
  const { file, input, lookup = new Map(), pipeline, events, check } = invocation;
  return [
    `npx millrace chaos ${quoted(file)}`,
    ...[...input].map(([stream, path]) => `--input ${quoted(`${stream}=${path}`)}`),
    ...[...lookup].map(([table, path]) => `--lookup ${quoted(`${table}=${path}`)}`),
    ...(pipeline === undefined ? [] : [`--pipeline ${pipeline}`]),
    ...(events === 200 ? [] : [`--events ${events}`]),
    ...(check === undefined ? [] : [`--check ${quoted(check)}`]),
    `--seeds ${seed} --schedule ${schedule.length === 0 ? '""' : scheduleText(schedule)}`,
    ...(requests === undefined ? [] : [`--requests ${requests.length === 0 ? '""' : requests.join()}`]),
  ].join(" ");
}

const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The faults that there are, as data. */
export const faultList = (
  faults: Iterable<{ readonly name: string; readonly says: string; readonly at: string }>,
): readonly unknown[] => [...faults].map(({ name, says, at }) => ({ name, says, at }));

/** Says which operators the reference cannot judge; undefined where it judges all. */
export function unjudgedText(operators: readonly string[]): string | undefined {
  if (operators.length === 0) return undefined;
  const named = [...new Set(operators)].map((id) => `"${id}"`).join(", ");
  return `no second definition judges ${named}: results are compared with a replay, not row by row with the reference`;
}
