import type { Stream } from "../events/stream.ts";
import type { Pipeline } from "./graph.ts";

/** What is deployed together: streams, and the pipelines over them. */
export type Application = {
  readonly kind: "application";
  readonly name: string;
  readonly streams: readonly Stream<unknown>[];
  readonly pipelines: readonly Pipeline[];
};

/** Declares an application. It is checked when it is planned. */
export function application(
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: a list of streams of different events
  parts: { readonly streams: readonly Stream<any>[]; readonly pipelines: readonly Pipeline[] },
): Application {
  return { kind: "application", name, streams: parts.streams, pipelines: parts.pipelines };
}
