import type { Change } from "../state/change.ts";
import type { EpochMs } from "../time/time.ts";

/** Hands a value on; what else is known of it stands in the context. */
export type Push = (value: unknown) => void;

/** What a stateful operator promises to the fold. */
export type StatefulOperator = {
  readonly push: Push;
  /** Takes the second input, where the operator has two. */
  readonly pushRight?: Push;
  /** Called once the watermark has reached `time`, where the operator armed one. */
  onTimer(time: EpochMs): void;
  /** Called once stream time has reached `time`, where the operator armed one. */
  onStreamTimer?(time: EpochMs): void;
  /** What the batch changed, to be applied in this order. */
  changes(): Change[];
  /** Forgets what the batch changed: nobody has asked for it. */
  clean(): void;
  /** All state, in a stable order, as changes to an empty operator. */
  snapshot(): Iterable<Change>;
  /** Applies a change of `changes` or `snapshot`. */
  apply(change: Change): void;
  /** Arms timers for all state: after recovery and after a rollback. */
  rearm(): void;
  /** How many windows, sessions or ids are held. */
  readonly size: number;
};
