import type { Compression } from "../../shared/frames/compression.ts";
import type { LookupPlan } from "../../shared/plan/plan.ts";
import type { Environment, StateSizes } from "../../shared/protocol/environment.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { Gate } from "./gate.ts";
import { simulatedBlobs } from "./ports/blobs.ts";
import { simulatedCommitLog } from "./ports/commit-log.ts";
import { simulatedFailedEvents } from "./ports/failed-events.ts";
import { simulatedLake } from "./ports/lake.ts";
import { simulatedLookups } from "./ports/lookups.ts";
import { simulatedStreams } from "./ports/streams.ts";
import { simulatedViews } from "./ports/views.ts";
import type { Services } from "./services.ts";

export type EnvironmentOptions = {
  readonly services: Services;
  /** Where all its calls pass. */
  readonly gate: Gate;
  readonly clock: Clock;
  readonly compression: Compression;
  readonly nonce: () => string;
  /** Larger bodies of entries are objects. @default 8192 */
  readonly inlineBytes?: number;
  readonly snapshotEntries?: number;
  /** @default "simulator" */
  readonly codeVersion?: string;
  readonly state?: StateSizes;
  /** @default 0 */
  readonly epoch?: number;
  /** Tables outside. @default none */
  readonly tables?: readonly LookupPlan[] | undefined;
};

/** What a stage reaches of the world, where the world is the models. */
export function simulatedEnvironment(options: EnvironmentOptions): Environment {
  const {
    services,
    gate,
    clock,
    compression,
    nonce,
    snapshotEntries,
    state,
    tables = [],
    codeVersion = "simulator",
    epoch = 0,
  } = options;
  const blobs = simulatedBlobs(services, gate);
  return {
    log: simulatedCommitLog({ ...options, blobs }),
    blobs,
    streams: simulatedStreams(services, gate),
    views: simulatedViews(services, gate),
    lake: simulatedLake(blobs),
    failedEvents: simulatedFailedEvents(services, gate, blobs),
    lookups: simulatedLookups(services, gate, tables),
    compression,
    clock,
    nonce,
    codeVersion,
    epoch,
    ...(snapshotEntries === undefined ? {} : { snapshotEntries }),
    ...(state === undefined ? {} : { state }),
  };
}
