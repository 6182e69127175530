import type { EventInfo } from "../../shared/events/event.ts";
import type { Port } from "./stage.ts";

/** What an operator knows of the partition that it is in, and where its results go. */
export type Host = {
  /** All that ends up to here has ended. */
  readonly watermark: () => number;
  /** Whether what ends now does so because the input has ended. */
  readonly ending: () => boolean;
  /** The highest time stamped on an input. */
  readonly processingTime: () => number;
  /** The highest event time seen, that of the input at hand included. */
  readonly newestTime: () => number;
  /** The highest event time seen before the input at hand. */
  readonly streamTime: () => number;
  /** @param port - one of its own outputs @default "main" */
  readonly give: (value: unknown, info: EventInfo, port?: Port) => void;
  readonly late: (value: unknown, info: EventInfo) => void;
  readonly fail: (value: unknown, thrown: unknown, info: EventInfo) => void;
  /** Counts a repeat. */
  readonly repeat: () => void;
};

/** An operator that keeps something. */
export type Keeper = {
  /** @param nth - which of the operator's inputs it comes by */
  readonly take: (value: unknown, info: EventInfo, nth: number) => void;
  /** The next watermark at which something of it ends; infinite where nothing does. */
  readonly nextMoment: () => number;
  /** The watermark comes to `time`: what ends there, ends. */
  readonly reach: (time: number) => void;
  /** The next stream time at which it shows something; infinite where it does not. */
  readonly nextShowing: () => number;
  readonly show: (time: number) => void;
  /** The next processing time at which it is to be called, where it goes by that. */
  readonly nextCall?: () => number;
  readonly call?: (time: number) => void;
};
