import type { Random } from "../random.ts";
import type { CallFailure, Waiting } from "./gatehouse.ts";
import type { Worker } from "./worker.ts";
import type { World } from "./world.ts";

type Named = {
  readonly name: string;
  /** What happens, in a sentence. */
  readonly says: string;
  /** How often, between 0 and 1, where it could. */
  readonly rate: number;
};

/** Befalls a call, before it is done or when its answer goes back. */
export type CallFault = Named & {
  readonly at: "call" | "answer";
  readonly can: (call: Pick<Waiting<Worker>, "operation" | "entries">) => boolean;
  /** Stops the call, or says how it fails. */
  readonly strike: (world: World, call: Waiting<Worker>, random: Random) => CallFailure | "stopped";
};

/** Happens between two steps. */
export type StepFault = Named & {
  readonly at: "step";
  /** Does it, and says to what; undefined where there was nothing to do it to. */
  readonly strike: (world: World, random: Random) => string | undefined | Promise<string | undefined>;
};

export type Fault = CallFault | StepFault;
