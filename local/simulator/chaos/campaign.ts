import type { ChaosScenario, Trial } from "../chaos.ts";
import { type Minimal, minimal } from "./minimal.ts";
import {
  POINT_FAULTS,
  type PointTally,
  pairsOf,
  runSeeds,
  type Seeds,
  sweepPoints,
  type Tally,
} from "./sweep.ts";

/** What a campaign runs: seeds under some faults each, each fault alone, in pairs, or at each await point. */
type Mode = "any" | "alone" | "pairs" | "points";

export type CampaignOptions = {
  readonly seeds: Seeds;
  readonly mode: Mode;
  /** Names. @default in mode `any` some, chosen by each seed; otherwise all that fit the mode */
  readonly faults: readonly string[];
  /** Ends after the first part that has a failure. */
  readonly bail?: boolean;
  readonly progress?: (part: Part) => void;
};

/** The runs of one fault, one pair, or of all seeds. */
export type Part = Omit<Tally, "failed"> & {
  readonly faults: readonly string[];
  /** Runs in which something did not hold. */
  readonly failures: number;
  /** Of the part's faults: those that never had an effect. A sweep that did not sweep has failed. */
  readonly never: readonly string[];
  /** Only of a sweep over await points. */
  readonly points?: PointTally["points"];
  readonly missed?: PointTally["missed"];
  readonly operations?: PointTally["operations"];
};

export type Campaign = {
  readonly mode: Mode;
  readonly parts: readonly Part[];
  readonly runs: number;
  readonly failures: number;
  readonly injected: Readonly<Record<string, number>>;
  readonly never: readonly string[];
  /** The first failure, shrunk. */
  readonly minimal: Minimal | undefined;
};

/** Runs a scenario many times, and shrinks the first failure. @throws MillraceError `CHAOS_FAULT` */
export async function campaign(scenario: ChaosScenario, options: CampaignOptions): Promise<Campaign> {
  const { seeds, mode, faults, bail = false, progress = () => undefined } = options;
  const parts: Part[] = [];
  const injected: Record<string, number> = {};
  let first: Trial | undefined;
  for (const names of partsOf(mode, faults)) {
    const tally =
      mode === "points"
        ? await sweepPoints(scenario, seeds, names[0] ?? "")
        : await runSeeds(scenario, seeds, names.length === 0 ? undefined : names);
    const { failed, ...counted } = tally;
    for (const [fault, n] of Object.entries(counted.injected)) injected[fault] = (injected[fault] ?? 0) + n;
    const never = names.filter((name) => (counted.injected[name] ?? 0) === 0);
    const part: Part = { ...counted, faults: names, failures: failed.length, never };
    parts.push(part);
    progress(part);
    first ??= failed[0];
    if (bail && first !== undefined) break;
  }
  return {
    mode,
    parts,
    runs: parts.reduce((n, { runs }) => n + runs, 0),
    failures: parts.reduce((n, { failures }) => n + failures, 0),
    injected,
    never: [...new Set(parts.flatMap(({ faults: names }) => names))].filter(
      (name) => (injected[name] ?? 0) === 0,
    ),
    minimal: first && (await minimal(scenario, first)),
  };
}

/** Which faults strike together. */
function partsOf(mode: Mode, faults: readonly string[]): (readonly string[])[] {
  switch (mode) {
    case "any":
      return [faults];
    case "alone":
      return faults.map((fault) => [fault]);
    case "pairs":
      return pairsOf(faults).map((pair) => [...pair]);
    case "points":
      return faults.filter((fault) => POINT_FAULTS.includes(fault)).map((fault) => [fault]);
  }
}
